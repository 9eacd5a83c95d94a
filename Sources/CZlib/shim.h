// zlib's initialisers are macros, which Swift does not see.
#ifndef DUNDIAN_CZLIB_H
#define DUNDIAN_CZLIB_H

#include <zlib.h>

/// The window bits that mean a gzip header and trailer.
static const int dundian_gzip = 15 + 16;

static inline int dundian_deflate_init(z_stream *stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, dundian_gzip, 8, Z_DEFAULT_STRATEGY);
}

static inline int dundian_inflate_init(z_stream *stream) { return inflateInit2(stream, dundian_gzip); }

#endif
