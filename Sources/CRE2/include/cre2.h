#ifndef CRE2_H
#define CRE2_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A compiled regular expression of Google RE2. Immutable; safe to use from any number of threads.
typedef struct cre2_pattern cre2_pattern;

/// Compiles `length` bytes of RE2 syntax. Never returns null unless memory is exhausted.
/// `max_memory` bounds the compiled program and its lazily built automaton, in bytes.
cre2_pattern *cre2_compile(const char *pattern, size_t length, long max_memory);
void cre2_free(cre2_pattern *pattern);

/// Whether the pattern compiled. If not, `cre2_error` says why (valid while the pattern lives).
bool cre2_ok(const cre2_pattern *pattern);
const char *cre2_error(const cre2_pattern *pattern);

/// Whether the text holds a match anywhere, or is one as a whole. False when the pattern did not compile.
bool cre2_partial_match(const cre2_pattern *pattern, const char *text, size_t length);
bool cre2_full_match(const cre2_pattern *pattern, const char *text, size_t length);

/// Finds the first match that begins at byte `from` or later, and the bytes of its group: 0 is all of it, 1 the first group.
/// What stands before `from` is still seen by `^` and `\b`. False, with `start` and `end` untouched, when there is none.
bool cre2_find(const cre2_pattern *pattern, const char *text, size_t length, size_t from, int group, size_t *start, size_t *end);

#ifdef __cplusplus
}
#endif

#endif
