// libcurl's variadic setters and getters as typed calls, which is all that Swift needs to use it.
#ifndef DUNDIAN_CCURL_H
#define DUNDIAN_CCURL_H

#include <curl/curl.h>

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

#endif
