#include "czlib.h"

#include <limits.h>
#include <string.h>
#include <zlib.h>

// Window of 32 KiB; 16 more asks for a gzip header.
static const int gzip_window = 15 + 16;
static const int memory_level = 8;

size_t czlib_gzip_bound(size_t length) {
    // deflate's own bound, and the header and trailer of gzip.
    return compressBound(length) + 32;
}

size_t czlib_gzip(const uint8_t *source, size_t length, uint8_t *target, size_t capacity, int level) {
    if (length > UINT_MAX || capacity > UINT_MAX) return 0;
    z_stream stream;
    memset(&stream, 0, sizeof stream);
    if (deflateInit2(&stream, level, Z_DEFLATED, gzip_window, memory_level, Z_DEFAULT_STRATEGY) != Z_OK) return 0;
    stream.next_in = (Bytef *)source;
    stream.avail_in = (uInt)length;
    stream.next_out = target;
    stream.avail_out = (uInt)capacity;
    int outcome = deflate(&stream, Z_FINISH);
    size_t written = outcome == Z_STREAM_END ? stream.total_out : 0;
    deflateEnd(&stream);
    return written;
}
