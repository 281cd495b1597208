#include "cre2.h"

#include <new>
#include <re2/re2.h>

struct cre2_pattern {
    RE2 expression;
    cre2_pattern(const re2::StringPiece &text, const RE2::Options &options) : expression(text, options) {}
};

extern "C" {

cre2_pattern *cre2_compile(const char *pattern, size_t length, long max_memory) {
    RE2::Options options(RE2::Quiet);
    options.set_max_mem(max_memory);
    return new (std::nothrow) cre2_pattern(re2::StringPiece(pattern, length), options);
}

void cre2_free(cre2_pattern *pattern) { delete pattern; }

bool cre2_ok(const cre2_pattern *pattern) { return pattern->expression.ok(); }

const char *cre2_error(const cre2_pattern *pattern) { return pattern->expression.error().c_str(); }

bool cre2_partial_match(const cre2_pattern *pattern, const char *text, size_t length) {
    return RE2::PartialMatch(re2::StringPiece(text, length), pattern->expression);
}

bool cre2_full_match(const cre2_pattern *pattern, const char *text, size_t length) {
    return RE2::FullMatch(re2::StringPiece(text, length), pattern->expression);
}

bool cre2_find(const cre2_pattern *pattern, const char *text, size_t length, size_t from, int group, size_t *start, size_t *end) {
    const re2::StringPiece whole(text, length);
    re2::StringPiece groups[2];
    if (group < 0 || group > 1 || from > length || group > pattern->expression.NumberOfCapturingGroups() ||
        !pattern->expression.Match(whole, from, length, RE2::UNANCHORED, groups, group + 1)) return false;
    const re2::StringPiece &found = groups[group];
    // A group that took no part in the match has no place.
    if (found.data() == nullptr) return false;
    *start = static_cast<size_t>(found.data() - whole.data());
    *end = *start + found.size();
    return true;
}

}
