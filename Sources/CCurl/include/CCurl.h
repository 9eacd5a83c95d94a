// libcurl's variadic setters and getters as typed calls, which is all that Swift needs to use it.
#ifndef DUNDIAN_CCURL_H
#define DUNDIAN_CCURL_H

#include <curl/curl.h>
#include <time.h>

static inline CURLcode dundian_curl_set_long(CURL *curl, CURLoption option, long value) {
    return curl_easy_setopt(curl, option, value);
}

static inline CURLcode dundian_curl_set_string(CURL *curl, CURLoption option, const char *value) {
    return curl_easy_setopt(curl, option, value);
}

static inline CURLcode dundian_curl_set_pointer(CURL *curl, CURLoption option, void *value) {
    return curl_easy_setopt(curl, option, value);
}

static inline CURLcode dundian_curl_set_headers(CURL *curl, struct curl_slist *headers) {
    return curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
}

typedef size_t (*dundian_curl_data)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode dundian_curl_set_callback(CURL *curl, CURLoption option, dundian_curl_data callback) {
    return curl_easy_setopt(curl, option, callback);
}

static inline CURLcode dundian_curl_status(CURL *curl, long *status) {
    return curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, status);
}

static inline CURLcode dundian_curl_content_type(CURL *curl, char **type) {
    return curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, type);
}

static inline CURLcode dundian_curl_long(CURL *curl, CURLINFO info, long *value) {
    return curl_easy_getinfo(curl, info, value);
}

typedef int (*dundian_curl_tick)(void *context, curl_off_t download, curl_off_t downloaded, curl_off_t upload, curl_off_t uploaded);

static inline CURLcode dundian_curl_set_tick(CURL *curl, dundian_curl_tick callback, void *context) {
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, context);
    return curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, callback);
}

static inline void dundian_sleep_milliseconds(long milliseconds) {
    struct timespec time = {milliseconds / 1000, (milliseconds % 1000) * 1000000};
    nanosleep(&time, NULL);
}

/// A header of the last answer; null if it had none of that name.
static inline const char *dundian_curl_header(CURL *curl, const char *name) {
    struct curl_header *header = NULL;
    return curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK ? header->value : NULL;
}

#endif
