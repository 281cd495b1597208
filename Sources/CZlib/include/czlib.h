#ifndef CZLIB_H
#define CZLIB_H

#include <stddef.h>
#include <stdint.h>

/// The most bytes that compressing so many can give.
size_t czlib_gzip_bound(size_t length);

/// Compresses bytes as gzip (RFC 1952).
/// - Returns: how many bytes were written; 0 when there was no room or no memory.
size_t czlib_gzip(const uint8_t *source, size_t length, uint8_t *target, size_t capacity, int level);

#endif
