/* The loops over every character of every text, for processors: the same answers as the NumPy beside each caller.
 *
 * Texts come as `Joined`: code points in one buffer, a 0 before the first, after the last and between any two, with
 * the place of each text's first character and the place after its last. Nothing here is locked or printed; every
 * function works on its arguments alone, so any number of threads may call it at once, but each on maps of its own.
 * What a function cannot store it counts: the caller comes again with a larger buffer. A negative answer: no memory.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t i64;

#define CODE_POINTS 0x110000u

/* Kinds of characters: see `characters.py`. */
#define LETTER 1
#define DIGIT 2
#define MARK 4
#define HIDDEN 5
#define SPACE 6

static inline u8 known(const u8 *table, u32 code) { return code < CODE_POINTS ? table[code] : 0; }

/* ---- normalisation -------------------------------------------------------------------------------------------- */

#define IS_CHANGED 1
#define IS_HARD 2
#define IS_ORDERED 4
#define IS_AFTER_ORDERED 8
#define IS_LONG 16

/* Read UTF-8 (valid, as Arrow keeps it) as code points, with edges, and tell which texts are plain (0), simple (1) or
 * hard (2): see `shortcuts.py`. A NUL becomes a space. Return how many code points there are; in `longer`, how many of
 * them become several by folding. */
i64 decode(const u8 *bytes, const i64 *offsets, i64 texts, const u8 *classes, u32 *codes, i64 *starts, i64 *ends,
           u8 *groups, i64 *longer) {
    i64 place = 0, some = 0;
    codes[place++] = 0;
    for (i64 t = 0; t < texts; t++) {
        u8 all = 0, pairs = 0, before = 0;
        starts[t] = place;
        for (i64 i = offsets[t], end = offsets[t + 1]; i < end;) {
            u32 code = bytes[i++];
            if (code >= 0x80) {
                i64 more = code >= 0xF0 ? 3 : code >= 0xE0 ? 2 : 1;
                code &= 0x3Fu >> more;
                for (; more && i < end; more--) code = code << 6 | (bytes[i++] & 0x3F);
            }
            if (!code) code = ' ';
            if (code >= CODE_POINTS) code = 0xFFFD; /* no valid UTF-8 says so; tables end here */
            u8 class = known(classes, code);
            all |= class;
            pairs |= (before & IS_ORDERED) && (class & IS_AFTER_ORDERED);
            some += (class & IS_LONG) != 0;
            before = class;
            codes[place++] = code;
        }
        ends[t] = place;
        codes[place++] = 0;
        groups[t] = (all & IS_HARD) || pairs ? 2 : (all & IS_CHANGED) ? 1 : 0;
    }
    *longer = some;
    return place;
}

static inline u8 *put(u8 *out, u32 code) {
    if (code < 0x80) {
        *out++ = (u8)code;
    } else if (code < 0x800) {
        *out++ = (u8)(0xC0 | code >> 6), *out++ = (u8)(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        *out++ = (u8)(0xE0 | code >> 12), *out++ = (u8)(0x80 | (code >> 6 & 0x3F)), *out++ = (u8)(0x80 | (code & 0x3F));
    } else {
        *out++ = (u8)(0xF0 | code >> 18), *out++ = (u8)(0x80 | (code >> 12 & 0x3F));
        *out++ = (u8)(0x80 | (code >> 6 & 0x3F)), *out++ = (u8)(0x80 | (code & 0x3F));
    }
    return out;
}

typedef struct {
    u32 *codes;
    i64 *starts, *ends;
} Texts;

static inline int is_in_word(const u8 *kinds, u32 code) { return known(kinds, code) == LETTER; }

/* Write one character of a folded text, of several spaces the first. */
static inline i64 write_folded(const Texts *final, u32 *plain, const u32 *skeleton, i64 begin, i64 last, u32 code) {
    u32 letter = skeleton[code];
    if (letter == ' ' && (last == begin || final->codes[last - 1] == ' ')) return last;
    final->codes[last] = letter, plain[last] = code;
    return last + 1;
}

/* What a character becomes by folding, where that is not one other character: see `shortcuts.py`. */
typedef struct {
    u32 letters[3]; /* 0 behind the last */
    u32 bares;      /* it bears a mark: its word loses all accents */
} Expansion;

/* Fold a text that is not hard; return the place after its last character. */
static i64 fold(const u32 *from, const u32 *to, const u32 *folded, const Expansion *expansions, const u32 *skeleton,
                const u32 *bare, const u8 *kinds, const Texts *final, u32 *plain, i64 begin) {
    i64 last = begin;
    int bared = 0;
    for (; from < to; from++) {
        u32 code = folded[*from];
        if (code >= CODE_POINTS) {
            const Expansion *longer = &expansions[code - CODE_POINTS];
            if (longer->bares && !bared) {
                bared = 1;
                for (i64 i = last - 1; i >= begin; i--) {
                    int letter = is_in_word(kinds, plain[i]);
                    plain[i] = bare[plain[i]], final->codes[i] = skeleton[plain[i]];
                    if (!letter) break;
                }
            }
            for (int n = 0; n < 3 && longer->letters[n]; n++) {
                u32 letter = bared ? bare[longer->letters[n]] : longer->letters[n];
                last = write_folded(final, plain, skeleton, begin, last, letter);
            }
            continue;
        }
        if (bared) {
            if (is_in_word(kinds, code)) code = bare[code];
            else bared = 0;
        }
        last = write_folded(final, plain, skeleton, begin, last, code);
    }
    return last;
}

/* Give all texts in both forms in which something is looked for: in NFKC, and folded with single spaces.
 *
 * raw, groups: as `decode` leaves them. What each character becomes by itself: compat, folded (from CODE_POINTS on a
 * place in expansions), skeleton; bare: without accents.
 * hard, hard_folded: the hard texts in their order, in NFKC and folded, as Unicode's own algorithm has them.
 * sizes: code points of the two forms, and bytes of the first in UTF-8.
 */
void spell(const Texts *raw, i64 texts, const u8 *groups, const u32 *compat, const u32 *folded, const u32 *skeleton,
           const Expansion *expansions, const u32 *bare, const u8 *kinds, const Texts *hard, const Texts *hard_folded, const Texts *out, u8 *utf8,
           const Texts *final, u32 *plain, i64 *sizes) {
    i64 place = 0, last = 0, difficult = 0;
    u8 *byte = utf8;
    out->codes[place++] = 0, *byte++ = 0;
    final->codes[last] = 0, plain[last++] = 0;
    for (i64 t = 0; t < texts; t++) {
        const u32 *from = raw->codes + raw->starts[t], *to = raw->codes + raw->ends[t];
        out->starts[t] = place;
        if (groups[t] == 2) {
            from = hard->codes + hard->starts[difficult], to = hard->codes + hard->ends[difficult];
        }
        for (; from < to; from++) {
            u32 code = *from;
            if (groups[t] == 1) {
                code = compat[code];
                if (known(kinds, code) == HIDDEN) continue;
            }
            out->codes[place++] = code;
            byte = put(byte, code);
        }
        out->ends[t] = place;
        out->codes[place++] = 0, *byte++ = 0;
        i64 begin = final->starts[t] = last;
        if (groups[t] == 2) {
            from = hard_folded->codes + hard_folded->starts[difficult];
            to = hard_folded->codes + hard_folded->ends[difficult];
            difficult++;
            for (; from < to; from++) last = write_folded(final, plain, skeleton, begin, last, *from);
        } else {
            from = out->codes + out->starts[t], to = out->codes + out->ends[t];
            last = fold(from, to, folded, expansions, skeleton, bare, kinds, final, plain, begin);
        }
        if (last > begin && final->codes[last - 1] == ' ') last--;
        final->ends[t] = last;
        final->codes[last] = 0, plain[last++] = 0;
    }
    sizes[0] = place, sizes[1] = last, sizes[2] = byte - utf8;
}

/* ---- n-grams of the classifier -------------------------------------------------------------------------------- */

#define BITS 18

static u32 power_above(u64 count) {
    u32 bits = 4;
    while ((1ull << bits) < count) bits++;
    return bits;
}

static inline u32 bucket_of(u32 value) { return ((value ^ (value >> 15)) * 0x2C1B3C6Du) >> (32 - BITS); }

/* Note the buckets of all n-grams of 2 to 4 of `length` characters and the 0s around them; return how many there are:
 * less than three for each of the length + 2 places. */
static i64 ngrams(const u32 *text, i64 length, u32 *values, u32 *buckets) {
    i64 count = length + 1;
    for (i64 i = 0; i < count; i++) {
        u32 value = (2166136261u ^ text[i]) * 16777619u;
        values[i] = (value ^ text[i + 1]) * 16777619u;
        buckets[i] = bucket_of(values[i]);
    }
    for (i64 size = 3; size <= 4; size++) {
        i64 places = length + 3 - size;
        for (i64 i = 0; i < places; i++) {
            values[i] = (values[i] ^ text[i + size - 1]) * 16777619u;
            buckets[count + i] = bucket_of(values[i]);
        }
        if (places > 0) count += places;
    }
    return count;
}

/* Sum up the weights of each text's different n-grams of 2 to 4 characters, and count them. */
i64 ngram_sums(const u32 *codes, const i64 *starts, const i64 *ends, i64 texts, const float *weights, double *sums,
               i64 *numbers) {
    i64 longest = 0;
    for (i64 t = 0; t < texts; t++)
        if (ends[t] - starts[t] > longest) longest = ends[t] - starts[t];
    u64 width = (u64)longest + 2;
    u32 *text = malloc(sizeof(u32) * 5 * width), *values = text + width, *buckets = values + width;
    u64 *seen = calloc(1u << (BITS - 6), sizeof(u64)); /* a bit for each bucket */
    if (!text || !seen) {
        free(text);
        free(seen);
        return -1;
    }
    for (i64 t = 0; t < texts; t++) {
        i64 length = ends[t] - starts[t];
        text[0] = text[length + 1] = 0;
        for (i64 i = 0; i < length; i++) {
            u32 code = codes[starts[t] + i];
            text[i + 1] = code - '0' < 10 ? '0' : code;
        }
        i64 count = ngrams(text, length, values, buckets);
        /* Exact, in whatever order, and faster in four chains than in one; no branch that nobody could foretell. */
        double sum[4] = {0, 0, 0, 0};
        i64 number = 0;
        for (i64 i = 0; i < count; i++) {
            u32 bucket = buckets[i];
            u64 word = seen[bucket >> 6], bit = 1ull << (bucket & 63);
            double worth[2] = {0, weights[bucket]};
            u64 fresh = !(word & bit);
            seen[bucket >> 6] = word | bit;
            sum[i & 3] += worth[fresh];
            number += (i64)fresh;
        }
        for (i64 i = 0; i < count; i++) seen[buckets[i] >> 6] = 0;
        sums[t] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
        numbers[t] = number;
    }
    free(text);
    free(seen);
    return 0;
}

/* ---- letters alone: near copies, keys ------------------------------------------------------------------------- */

static inline u32 pair(u32 left, u32 right) {
    u32 mixed = ((left >> 15) ^ left) * 0x85EBCA6Bu + right;
    return (mixed ^ (mixed >> 13)) * 0xC2B2AE35u;
}

#define ANCHOR_LETTERS 12

/* What lists of texts are looked up in: see `near_copies.py`. */
typedef struct {
    const u8 *seen;         /* a bit for each listed run's first seen_bits bits */
    const i64 *first;       /* where in runs those begin that have the same first slot_bits bits */
    const u32 *runs;        /* hashes of all listed runs of twelve letters, in order */
    const i64 *text;        /* the listed text of each */
    const i64 *needed;      /* how many of its different runs a post must have */
    i64 texts;
    u32 seen_bits, slot_bits;
} Listed;

/* Count for each listed text how many of its runs a post has; note the pairs that have enough. */
static i64 count_shared(const Listed *listed, u32 *twelve, i64 runs, u32 *shared, i64 *touched, u32 *once,
                        u32 once_bits, i64 post, i64 *posts, i64 *texts, i64 found, i64 room) {
    u32 mask = (u32)((1ull << once_bits) - 1);
    i64 some = 0, clean = 1;
    i64 likely = 0;
    for (i64 i = 0; i < runs; i++) {
        u32 run = twelve[i], number = run >> (32 - listed->seen_bits);
        twelve[likely] = run;
        likely += listed->seen[number >> 3] >> (number & 7) & 1;
    }
    /* What is far away in memory is asked for early. */
    for (i64 i = 0; i < likely; i++) __builtin_prefetch(&listed->first[twelve[i] >> (32 - listed->slot_bits)]);
    for (i64 i = 0; i < likely; i++)
        __builtin_prefetch(&listed->runs[listed->first[twelve[i] >> (32 - listed->slot_bits)]]);
    for (i64 i = 0; i < likely; i++) {
        u32 run = twelve[i], slot = run >> (32 - listed->slot_bits);
        i64 entry = listed->first[slot], end = listed->first[slot + 1];
        while (entry < end && listed->runs[entry] < run) entry++;
        if (entry == end || listed->runs[entry] != run) continue;
        /* A run that a post has twice counts once; 0 stands for a free place, so it goes by another name. */
        if (clean) memset(once, 0, sizeof(u32) << once_bits), clean = 0;
        u32 name = run ? run : 1, seen = mask & (name * 0x9E3779B1u >> 7);
        while (once[seen] && once[seen] != name) seen = (seen + 1) & mask;
        if (once[seen]) continue;
        once[seen] = name;
        for (; entry < end && listed->runs[entry] == run; entry++) {
            i64 text = listed->text[entry];
            if (!shared[text]++) touched[some++] = text;
        }
    }
    for (i64 i = 0; i < some; i++) {
        i64 text = touched[i];
        if (shared[text] >= listed->needed[text]) {
            if (found < room) posts[found] = post, texts[found] = text;
            found++;
        }
        shared[text] = 0;
    }
    return found;
}

/* Find the pairs (post, listed text) that have enough runs of twelve letters in common. */
i64 find_likely(const u32 *codes, const i64 *starts, const i64 *ends, i64 posts, const u8 *is_text,
                const Listed *listed, i64 *rows, i64 *texts, i64 room) {
    i64 longest = 0, found = 0;
    for (i64 t = 0; t < posts; t++)
        if (ends[t] - starts[t] > longest) longest = ends[t] - starts[t];
    u64 width = (u64)longest + 16;
    u32 *one = malloc(sizeof(u32) * 4 * width), *once = malloc(sizeof(u32) << power_above(2 * width));
    u32 *shared = calloc((u64)listed->texts + 1, sizeof(u32));
    i64 *touched = malloc(sizeof(i64) * ((u64)listed->texts + 1));
    if (!one || !once || !shared || !touched) found = -1;
    for (i64 t = 0; t < posts && found >= 0; t++) {
        u32 *two = one + width, *five = two + width, *twelve = five + width;
        i64 letters = 0;
        for (i64 i = starts[t]; i < ends[t]; i++) {
            one[letters] = codes[i] * 0x9E3779B1u;
            letters += known(is_text, codes[i]);
        }
        i64 runs = letters - ANCHOR_LETTERS + 1;
        if (runs < 1) continue;
        for (i64 i = 0; i + 1 < letters; i++) two[i] = pair(one[i], one[i + 1]);
        for (i64 i = 0; i + 4 < letters; i++) five[i] = pair(pair(two[i], two[i + 2]), one[i + 4]);
        for (i64 i = 0; i < runs; i++) twelve[i] = pair(pair(five[i], five[i + 5]), two[i + 10]);
        found = count_shared(listed, twelve, runs, shared, touched, once, power_above(2 * (u64)runs), t, rows, texts,
                             found, room);
    }
    free(one);
    free(once);
    free(shared);
    free(touched);
    return found;
}

/* SipHash-2-4 of one number: without the key nobody can tell what it was made from. */
#define ROTATED(value, bits) ((value) << (bits) | (value) >> (64 - (bits)))
#define SIP_ROUND                                                                                                      \
    a += b, c += d, b = ROTATED(b, 13) ^ a, d = ROTATED(d, 16) ^ c, a = ROTATED(a, 32), c += b, a += d,               \
        b = ROTATED(b, 17) ^ c, d = ROTATED(d, 21) ^ a, c = ROTATED(c, 32)

static u64 keyed(u64 number, u64 key0, u64 key1) {
    u64 a = key0 ^ 0x736f6d6570736575ull, b = key1 ^ 0x646f72616e646f6dull;
    u64 c = key0 ^ 0x6c7967656e657261ull, d = key1 ^ 0x7465646279746573ull, length = 8ull << 56;
    d ^= number;
    SIP_ROUND, SIP_ROUND;
    a ^= number;
    d ^= length;
    SIP_ROUND, SIP_ROUND;
    a ^= length;
    c ^= 0xff;
    SIP_ROUND, SIP_ROUND, SIP_ROUND, SIP_ROUND;
    return a ^ b ^ c ^ d;
}

/* Keep of each text about `wanted` of its runs of twelve letters, those of the smallest hashes, at most `most`, keyed.
   `kept` has room for `most` of each text; `counts` are how many it has, `sizes` how many runs there were. */
i64 kept_runs(const u32 *codes, const i64 *starts, const i64 *ends, i64 texts, const u8 *is_text, i64 least, i64 wanted,
              i64 most, const u64 *key, u32 *kept, i64 *counts, i64 *sizes) {
    i64 longest = 0, at = 0;
    for (i64 t = 0; t < texts; t++)
        if (ends[t] - starts[t] > longest) longest = ends[t] - starts[t];
    u64 width = (u64)longest + 16;
    u32 *one = malloc(sizeof(u32) * 3 * width);
    if (!one) return -1;
    for (i64 t = 0; t < texts; t++) {
        u32 *two = one + width, *five = two + width, *mine = kept + at;
        i64 letters = 0, count = 0;
        for (i64 i = starts[t]; i < ends[t]; i++) {
            one[letters] = codes[i] * 0x9E3779B1u;
            letters += known(is_text, codes[i]);
        }
        i64 runs = letters - ANCHOR_LETTERS + 1;
        counts[t] = sizes[t] = 0;
        if (letters < least || runs < 1) continue;
        u32 last = wanted >= runs ? 0xFFFFFFFFu : (u32)(((u64)wanted << 32) / (u64)runs);
        for (i64 i = 0; i + 1 < letters; i++) two[i] = pair(one[i], one[i + 1]);
        for (i64 i = 0; i + 4 < letters; i++) five[i] = pair(pair(two[i], two[i + 2]), one[i + 4]);
        for (i64 i = 0; i < runs; i++) {
            u32 run = pair(pair(five[i], five[i + 5]), two[i + 10]);
            if (run > last || (count == most && run >= mine[count - 1])) continue;
            i64 place = count;
            while (place && mine[place - 1] > run) place--;
            if (place && mine[place - 1] == run) continue;
            if (count < most) count++;
            for (i64 n = count - 1; n > place; n--) mine[n] = mine[n - 1];
            mine[place] = run;
        }
        for (i64 n = 0; n < count; n++) mine[n] = (u32)keyed(mine[n], key[0], key[1]);
        counts[t] = count;
        sizes[t] = runs;
        at += count;
    }
    free(one);
    return at;
}

/* Give each text a key of its characters in their order, or of its letters alone; 0 where they are too few. */
void text_keys(const u32 *codes, const i64 *starts, const i64 *ends, i64 texts, const u8 *chosen, i64 least,
               u64 *keys) {
    for (i64 t = 0; t < texts; t++) {
        u64 sum = 0, place = 0;
        for (i64 i = starts[t]; i < ends[t]; i++) {
            if (chosen && !known(chosen, codes[i])) continue;
            u64 mixed = (codes[i] + place * 0x9E3779B97F4A7C15ull) * 0xD6E8FEB86659FD93ull;
            mixed ^= mixed >> 32;
            mixed *= 0xD6E8FEB86659FD93ull;
            sum += mixed ^ (mixed >> 29);
            place++;
        }
        keys[t] = (i64)place >= least && place ? sum | 1 : 0;
    }
}

/* ---- shape ---------------------------------------------------------------------------------------------------- */

#define IS_TEXT 1
#define IS_UPPER 2
#define IS_DECIMAL 4
#define IS_RARE 8

/* Count letters, capitals and digits of each text; note the places of what must be looked at one by one. */
i64 raw_counts(const u32 *codes, const i64 *starts, const i64 *ends, i64 texts, const u8 *flags, i64 *letters,
               i64 *upper, i64 *decimal, i64 *rare, i64 room) {
    i64 found = 0;
    for (i64 t = 0; t < texts; t++) {
        i64 some = 0, capitals = 0, digits = 0;
        for (i64 i = starts[t]; i < ends[t]; i++) {
            u8 flag = known(flags, codes[i]);
            some += flag & 1;
            capitals += flag >> 1 & 1;
            digits += flag >> 2 & 1;
            if (flag & IS_RARE) {
                if (found < room) rare[found] = i;
                found++;
            }
        }
        letters[t] = some, upper[t] = capitals, decimal[t] = digits;
    }
    return found;
}

/* Count the words of each text, and those of two scripts.
 *
 * kinds: the kind of each character, and above its three bits those of its script.
 */
void word_counts(const u32 *codes, const i64 *starts, const i64 *ends, i64 texts, const u8 *kinds, i64 *words,
                 i64 *mixed) {
    for (i64 t = 0; t < texts; t++) {
        i64 some = 0, fakes = 0;
        u8 before = 0, scripts = 0;
        for (i64 i = starts[t]; i < ends[t]; i++) {
            u8 all = known(kinds, codes[i]), kind = all & 7;
            u8 word = kind >= LETTER && kind <= MARK;
            some += word && !before;
            before = word;
            if (kind == LETTER || kind == MARK) {
                scripts |= all >> 3;
            } else {
                fakes += (scripts & (scripts - 1)) != 0;
                scripts = 0;
            }
        }
        fakes += (scripts & (scripts - 1)) != 0;
        words[t] = some, mixed[t] = fakes;
    }
}

static inline int may_begin_dot(const u8 *kinds, u32 code) {
    return known(kinds, code) == SPACE || code == '.' || code == 'd' || code == 'D' || code == 'p' || code == 'P' ||
           code == 0x442 || code == 0x422;
}

static inline int stands_in_word(const u8 *kinds, u32 code) {
    return known(kinds, code) >= LETTER && known(kinds, code) <= HIDDEN;
}

/* Tell which texts may hold a host: a dot within a word, or a bracket before what may be written for a dot. */
static inline int is_hex(u32 code) {
    return (code >= '0' && code <= '9') || ((code | 32) >= 'a' && (code | 32) <= 'f');
}

void may_hold_hosts(const u32 *codes, const i64 *starts, const i64 *ends, i64 texts, const u8 *kinds, u8 *hosts) {
    for (i64 t = 0; t < texts; t++) {
        u8 host = 0;
        for (i64 i = starts[t]; i < ends[t] && !host; i++) {
            u32 code = codes[i];
            if (code == '.' || code == 0x3002)
                host = stands_in_word(kinds, codes[i - 1]) && stands_in_word(kinds, codes[i + 1]);
            else if (code == '[' || code == '(' || code == '{')
                host = may_begin_dot(kinds, codes[i + 1]);
            else if (code == '%')
                host = is_hex(codes[i + 1]) && is_hex(codes[i + 2]);
        }
        hosts[t] = host;
    }
}

/* ---- phrases -------------------------------------------------------------------------------------------------- */

/* A phrase is found by the hash of all its characters, in a table; whether to look at all is told by the hash of its
 * first eight (or all, of a shorter one), in a map of bits. Of phrases with more than eight, the lengths that begin so
 * are known. Phrases that hit only as whole words are sought only where a word may begin: they have tables of their
 * own. */

#define PREFIX 8
#define HASH_START 2166136261u

static inline u32 step(u32 value, u32 code) { return (value ^ code) * 16777619u; }

static inline u32 mix(u32 value) {
    value = (value ^ (value >> 15)) * 0x2C1B3C6Du;
    return value ^ (value >> 13);
}

typedef struct {
    u64 hash;    /* of a prefix of PREFIX characters, + 1; 0 is free */
    u64 lengths; /* bit n: a phrase of n characters begins so; 63: of 63 or more */
} Beginning;

/* After so many characters, places are left where no phrase goes on. */
#define FIRST_SIEVE 3
#define SECOND_SIEVE 5

typedef struct {
    u32 map_bits, slot_bits;
    u32 some_lengths; /* bit n: a phrase of n characters, up to PREFIX */
    u32 *map;         /* bits, by the hash of a prefix */
    u32 *sieve;       /* likewise, by the hashes of the first characters of longer phrases */
    Beginning *beginnings;
    u64 *slots;       /* hash of a whole phrase above its number + 1; 0 is free */
} Table;

typedef struct {
    Table tables[2]; /* anywhere; whole words */
    const u32 *codes;
    const i64 *offsets; /* of each phrase in codes, one more at the end */
    i64 longest;
} Phrases;

void phrases_free(Phrases *made) {
    if (!made) return;
    for (int n = 0; n < 2; n++) {
        free(made->tables[n].map);
        free(made->tables[n].sieve);
        free(made->tables[n].beginnings);
        free(made->tables[n].slots);
    }
    free(made);
}

/* Make the tables; codes and offsets stay the caller's and must outlive them. No phrase is empty; all are different. */
Phrases *phrases_make(const u32 *codes, const i64 *offsets, i64 count, const u8 *words) {
    Phrases *made = calloc(1, sizeof(Phrases));
    if (!made) return NULL;
    made->codes = codes, made->offsets = offsets;
    i64 sizes[2] = {0, 0};
    for (i64 p = 0; p < count; p++) sizes[words[p] != 0]++;
    int whole = 1;
    for (int n = 0; n < 2; n++) {
        Table *table = &made->tables[n];
        table->slot_bits = power_above(2 * (u64)sizes[n] + 1);
        table->map_bits = power_above(16 * (u64)sizes[n] + 1);
        if (table->map_bits < 5) table->map_bits = 5;
        table->map = calloc(1ull << (table->map_bits - 5), sizeof(u32));
        table->sieve = calloc(1ull << (table->map_bits - 5), sizeof(u32));
        table->beginnings = calloc(1ull << table->slot_bits, sizeof(Beginning));
        table->slots = calloc(1ull << table->slot_bits, sizeof(u64));
        whole = whole && table->map && table->sieve && table->beginnings && table->slots;
    }
    if (!whole) {
        phrases_free(made);
        return NULL;
    }
    for (i64 p = 0; p < count; p++) {
        Table *table = &made->tables[words[p] != 0];
        u32 slot_mask = (u32)((1ull << table->slot_bits) - 1);
        i64 length = offsets[p + 1] - offsets[p], prefix = length < PREFIX ? length : PREFIX;
        u32 value = HASH_START;
        for (i64 i = 0; i < length; i++) {
            value = step(value, codes[offsets[p] + i]);
            u32 bit = (value * 0x9E3779B1u) >> (32 - table->map_bits);
            if (i + 1 < length && (i + 1 == FIRST_SIEVE || i + 1 == SECOND_SIEVE))
                table->sieve[bit >> 5] |= 1u << (bit & 31);
            if (i + 1 != prefix) continue;
            table->map[bit >> 5] |= 1u << (bit & 31);
            table->some_lengths |= 1u << prefix;
            if (prefix < PREFIX) continue;
            u64 key = (u64)value + 1;
            u32 slot = mix(value) & slot_mask;
            while (table->beginnings[slot].hash && table->beginnings[slot].hash != key) slot = (slot + 1) & slot_mask;
            table->beginnings[slot].hash = key;
            table->beginnings[slot].lengths |= 1ull << (length < 63 ? length : 63);
        }
        /* That of a longer one, too: a map of bits is nearer than the table. */
        u32 whole_bit = (value * 0x9E3779B1u) >> (32 - table->map_bits);
        table->map[whole_bit >> 5] |= 1u << (whole_bit & 31);
        u32 slot = mix(value) & slot_mask;
        while (table->slots[slot]) slot = (slot + 1) & slot_mask;
        table->slots[slot] = (u64)value << 32 | (u64)(p + 1);
        if (length > made->longest) made->longest = length;
    }
    return made;
}

/* Return the number of the phrase that stands at a place, -1 for none. */
static inline i64 whole_phrase(const Phrases *made, const Table *table, u32 value, const u32 *text, i64 length) {
    u32 mask = (u32)((1ull << table->slot_bits) - 1), slot = mix(value) & mask;
    for (; table->slots[slot]; slot = (slot + 1) & mask) {
        if (table->slots[slot] >> 32 != value) continue;
        i64 p = (i64)(table->slots[slot] & 0xFFFFFFFFu) - 1;
        if (made->offsets[p + 1] - made->offsets[p] != length) continue;
        if (!memcmp(made->codes + made->offsets[p], text, sizeof(u32) * (u64)length)) return p;
    }
    return -1;
}


typedef struct {
    i64 *numbers, *starts;
    i64 found, room;
} Hits;

static inline void noted(Hits *hits, i64 number, i64 start) {
    if (hits->found < hits->room) hits->numbers[hits->found] = number, hits->starts[hits->found] = start;
    hits->found++;
}

static inline u32 in_map(const u32 *map, u32 shift, u32 value) {
    u32 bit = (value * 0x9E3779B1u) >> shift;
    return map[bit >> 5] >> (bit & 31) & 1;
}

/* Look for the phrases of more than PREFIX - 1 characters that begin at a place. */
static void look_further(const Phrases *made, const Table *table, u32 value, const u32 *codes, i64 place, i64 end,
                         Hits *hits) {
    u32 mask = (u32)((1ull << table->slot_bits) - 1), slot = mix(value) & mask, shift = 32 - table->map_bits;
    u64 key = (u64)value + 1;
    while (table->beginnings[slot].hash && table->beginnings[slot].hash != key) slot = (slot + 1) & mask;
    if (!table->beginnings[slot].hash) return;
    u64 lengths = table->beginnings[slot].lengths;
    i64 most = lengths >> 63 ? made->longest : 63 - __builtin_clzll(lengths);
    if (most > end - place) most = end - place;
    for (i64 length = PREFIX; length <= most; length++) {
        if (length > PREFIX) {
            if (!codes[place + length - 1]) return; /* the text ends here */
            value = step(value, codes[place + length - 1]);
        }
        if (!(lengths >> (length < 63 ? length : 63) & 1) || !in_map(table->map, shift, value)) continue;
        i64 number = whole_phrase(made, table, value, codes + place, length);
        if (number >= 0) noted(hits, number, place);
    }
}

#define BLOCK 512

/* Note the phrases of `length` characters, or of PREFIX and more, whose hash is in the map. */
static void look_up(const Phrases *made, const Table *table, const u32 *codes, i64 base, i64 size, const u32 *places,
                    const u32 *values, i64 count, i64 length, Hits *hits) {
    u32 marked[BLOCK], shift = 32 - table->map_bits, mask = (u32)((1ull << table->slot_bits) - 1);
    i64 some = 0;
    for (i64 i = 0; i < count; i++) {
        marked[some] = (u32)i;
        some += in_map(table->map, shift, values[i]);
    }
    for (i64 i = 0; i < some; i++) {
        u32 slot = mix(values[marked[i]]) & mask;
        __builtin_prefetch(length == PREFIX ? (const void *)&table->beginnings[slot] : &table->slots[slot]);
    }
    for (i64 i = 0; i < some; i++) {
        u32 value = values[marked[i]];
        i64 place = base + places[marked[i]];
        if (length == PREFIX) {
            look_further(made, table, value, codes, place, size, hits);
        } else {
            i64 number = whole_phrase(made, table, value, codes + place, length);
            if (number >= 0) noted(hits, number, place);
        }
    }
}

/* Look at some places of a block at once, by ever longer beginnings. */
static void look_at(const Phrases *made, const Table *table, const u32 *codes, i64 base, i64 size, const u32 *begins,
                    i64 count, Hits *hits) {
    u32 values[BLOCK], places[BLOCK], shift = 32 - table->map_bits;
    for (i64 i = 0; i < count; i++) values[i] = HASH_START, places[i] = begins[i];
    for (i64 length = 1; length <= PREFIX; length++) {
        /* Places are in order: those too near the buffer's end are the last. */
        while (count && base + places[count - 1] + length > size) count--;
        const u32 *ahead = codes + base + length - 1;
        for (i64 i = 0; i < count; i++) values[i] = step(values[i], ahead[places[i]]);
        if (table->some_lengths >> length & 1)
            look_up(made, table, codes, base, size, places, values, count, length, hits);
        if (length != FIRST_SIEVE && length != SECOND_SIEVE) continue;
        i64 left = 0;
        for (i64 i = 0; i < count; i++) {
            places[left] = places[i], values[left] = values[i];
            left += in_map(table->sieve, shift, values[i]);
        }
        count = left;
    }
}

/* Find every phrase in a buffer of texts: its number and the place of its first character.
 *
 * No phrase holds a 0, so none reaches from one text into the next.
 * plain, kinds: the same places before look-alikes were replaced, and their kinds: they tell where words begin.
 */
i64 phrases_find(const Phrases *made, const u32 *codes, const u32 *plain, i64 size, const u8 *kinds, i64 *numbers,
                 i64 *places, i64 room) {
    Hits hits = {numbers, places, 0, room};
    u32 all[BLOCK], begins[BLOCK];
    for (u32 i = 0; i < BLOCK; i++) all[i] = i;
    for (i64 base = 1; base < size; base += BLOCK) {
        i64 count = size - base < BLOCK ? size - base : BLOCK, words = 0;
        if (made->tables[0].some_lengths) look_at(made, &made->tables[0], codes, base, size, all, count, &hits);
        if (!made->tables[1].some_lengths) continue;
        u8 before = known(kinds, plain[base - 1]);
        for (i64 i = 0; i < count; i++) {
            /* A word goes on from letter to letter, from digit to digit; without branches nobody could foretell. */
            u8 kind = known(kinds, plain[base + i]), goes_on = ((kind == LETTER) | (kind == DIGIT)) & (kind == before);
            begins[words] = (u32)i;
            words += (codes[base + i] != 0) & !goes_on;
            before = kind;
        }
        look_at(made, &made->tables[1], codes, base, size, begins, words, &hits);
    }
    return hits.found;
}

/* ---- hashes of pictures --------------------------------------------------------------------------------------- */

#define CHUNKS 16
#define NEAR (CHUNKS + 1)
#define DISTANCE_MAX 31

/* Listed hashes, and for each of their 16 chunks of 16 bits: see `perceptual.py`. */
typedef struct {
    const u64 *words;           /* four a hash */
    const i64 *distances;       /* bits that may differ, of each */
    const u32 *first[CHUNKS];   /* where in the order those begin that have each value; one more at the end */
    const u32 *order[CHUNKS];   /* the hashes by this chunk */
    const u64 *half[CHUNKS];    /* in this order, the two words that the chunk is not in */
} Pictures;

static inline u32 near_value(const u64 *words, int chunk, int bit) {
    u32 value = (u32)(words[chunk / 4] >> (16 * (chunk % 4))) & 0xFFFF;
    return bit ? value ^ 1u << (bit - 1) : value;
}

static void ask_early(const Pictures *listed, const u64 *words, int chunk) {
    for (int bit = 0; bit < NEAR; bit++) {
        u32 value = near_value(words, chunk, bit), entry = listed->first[chunk][value];
        u32 end = listed->first[chunk][value + 1];
        /* A line holds four; what follows the first few the processor fetches by itself. */
        for (u32 ahead = entry; ahead < end && ahead < entry + 20; ahead += 4)
            __builtin_prefetch(&listed->half[chunk][2 * (u64)ahead]);
    }
}

/* Find the pairs (asked, listed) that are near; a pair may come several times. */
i64 pictures_find(const Pictures *listed, const u64 *asked, i64 count, i64 *places, i64 *entries, i64 room) {
    i64 found = 0;
    for (i64 a = 0; a < count; a++) {
        const u64 *words = asked + 4 * a;
        for (int chunk = 0; chunk < CHUNKS; chunk++)
            for (int bit = 0; bit < NEAR; bit++)
                __builtin_prefetch(&listed->first[chunk][near_value(words, chunk, bit)]);
        ask_early(listed, words, 0);
        for (int chunk = 0; chunk < CHUNKS; chunk++) {
            const u64 *half = listed->half[chunk], *own = words + (chunk < CHUNKS / 2 ? 2 : 0);
            if (chunk + 1 < CHUNKS) ask_early(listed, words, chunk + 1);
            for (int bit = 0; bit < NEAR; bit++) {
                u32 value = near_value(words, chunk, bit), end = listed->first[chunk][value + 1];
                for (u32 entry = listed->first[chunk][value]; entry < end; entry++) {
                    const u64 *other = half + 2 * (u64)entry;
                    i64 apart = __builtin_popcountll(other[0] ^ own[0]) + __builtin_popcountll(other[1] ^ own[1]);
                    if (apart > DISTANCE_MAX) continue;
                    u32 hash = listed->order[chunk][entry];
                    apart = 0;
                    for (int w = 0; w < 4; w++)
                        apart += __builtin_popcountll(listed->words[4 * (u64)hash + (u64)w] ^ words[w]);
                    if (apart > listed->distances[hash]) continue;
                    if (found < room) places[found] = a, entries[found] = hash;
                    found++;
                }
            }
        }
    }
    return found;
}

/* ---- counts --------------------------------------------------------------------------------------------------- */

/* Numbers by key, in a table that is at most half full. A key of 0 is none. Where a key stands hangs on secret
 * numbers, so that nobody can send keys that all stand in one place. */
typedef struct {
    u64 key;
    i64 value;
} Cell;

typedef struct {
    Cell *cells;
    u64 size, mask;
    u64 secret[2];
} Map;

#define AHEAD 8

static inline u64 home(const Map *map, u64 key) {
    u64 mixed = (key ^ map->secret[0]) * (map->secret[1] | 1);
    mixed = (mixed ^ mixed >> 32) * 0xD6E8FEB86659FD93ull;
    return (mixed ^ mixed >> 32) & map->mask;
}

static inline Cell *cell_of(const Map *map, u64 key) {
    u64 place = home(map, key);
    while (map->cells[place].key && map->cells[place].key != key) place = (place + 1) & map->mask;
    return &map->cells[place];
}

i64 map_size(const Map *map) { return (i64)map->size; }

void map_free(Map *map) {
    if (map) free(map->cells);
    free(map);
}

Map *map_make(u64 one, u64 other) {
    Map *map = calloc(1, sizeof(Map));
    if (!map) return NULL;
    map->secret[0] = one, map->secret[1] = other;
    map->mask = 15;
    map->cells = calloc(16, sizeof(Cell));
    if (map->cells) return map;
    free(map);
    return NULL;
}

/* Make room for so many keys more; 0: there is none, and nothing has changed. */
static int has_room(Map *map, u64 more) {
    u64 wanted = map->mask + 1;
    while (wanted < 2 * (map->size + more) + 2) wanted *= 2;
    if (wanted == map->mask + 1) return 1;
    Cell *cells = calloc(wanted, sizeof(Cell)), *before = map->cells;
    if (!cells) return 0;
    u64 count = map->mask + 1;
    map->cells = cells, map->mask = wanted - 1;
    for (u64 i = 0; i < count; i++)
        if (before[i].key) *cell_of(map, before[i].key) = before[i];
    free(before);
    return 1;
}

/* Empty a cell; what stands behind it moves up, so that it is found still. */
static void emptied(Map *map, Cell *cell) {
    u64 hole = (u64)(cell - map->cells);
    for (u64 place = (hole + 1) & map->mask; map->cells[place].key; place = (place + 1) & map->mask) {
        u64 wanted = home(map, map->cells[place].key);
        if (((place - wanted) & map->mask) < ((place - hole) & map->mask)) continue;
        map->cells[hole] = map->cells[place];
        hole = place;
    }
    map->cells[hole].key = 0;
    map->size--;
}

static inline void early(const Map *map, const u64 *keys, i64 i, i64 count) {
    if (i + AHEAD < count) __builtin_prefetch(&map->cells[home(map, keys[i + AHEAD])]);
}

/* Count the keys in their order; tell what each stood at after itself. */
i64 tally_add(Map *map, const u64 *keys, i64 count, i64 *after) {
    if (!has_room(map, (u64)count)) return -1;
    for (i64 i = 0; i < count; i++) {
        early(map, keys, i, count);
        after[i] = 0;
        if (!keys[i]) continue;
        Cell *cell = cell_of(map, keys[i]);
        if (!cell->key) cell->key = keys[i], cell->value = 0, map->size++;
        after[i] = ++cell->value;
    }
    return 0;
}

static void counted_down(Map *map, u64 key) {
    Cell *cell = key ? cell_of(map, key) : NULL;
    if (cell && cell->key && !--cell->value) emptied(map, cell);
}

/* Take back keys that were counted. */
void tally_forget(Map *map, const u64 *keys, i64 count) {
    for (i64 i = 0; i < count; i++) {
        early(map, keys, i, count);
        counted_down(map, keys[i]);
    }
}

/* Note pairs of a key and a partner in their order, by the pair's own key (0: none); tell how many different partners
 * each key has after it. */
i64 variety_add(Map *last, Map *map, const u64 *keys, const u64 *pairs, i64 count, i64 hour, i64 *after) {
    if (!has_room(last, (u64)count) || !has_room(map, (u64)count)) return -1;
    for (i64 i = 0; i < count; i++) {
        early(last, pairs, i, count);
        early(map, keys, i, count);
        after[i] = 0;
        if (!keys[i]) continue;
        Cell *own = cell_of(map, keys[i]);
        if (pairs[i]) {
            Cell *cell = cell_of(last, pairs[i]);
            if (!cell->key) {
                cell->key = pairs[i], last->size++;
                if (!own->key) own->key = keys[i], own->value = 0, map->size++;
                own->value++;
            }
            cell->value = hour;
        }
        after[i] = own->key ? own->value : 0;
    }
    return 0;
}

/* Take back the pairs that came last at this hour. */
void variety_forget(Map *last, Map *map, const u64 *keys, const u64 *pairs, i64 count, i64 hour) {
    for (i64 i = 0; i < count; i++) {
        early(last, pairs, i, count);
        Cell *cell = pairs[i] ? cell_of(last, pairs[i]) : NULL;
        if (!cell || !cell->key || cell->value != hour) continue;
        emptied(last, cell);
        counted_down(map, keys[i]);
    }
}

/* ---- posts as lines of JSON ----------------------------------------------------------------------------------- */

/* What of the post format these loops read is what its slow reader takes without a word; whatever else stands in a
 * line (a file, a name written with escapes, an offset, a mistake) leaves the whole line to that reader. */

enum { ID, KIND, CHANNEL, AUTHOR, TEXT, LANG, COUNTRY, FORWARDED, TEXTS, POSTED = TEXTS, CREATED, MEMBERS, MEDIA };

static const struct { const char *name; i64 length; } FIELDS[] = {
    {"id", 2},           {"kind", 4},           {"channel_id", 10}, {"author_id", 9},          {"text", 4},
    {"lang", 4},         {"country", 7},        {"forwarded_from", 14}, {"posted_at", 9},      {"author_created_at", 17},
    {"channel_members", 15}, {"media", 5},
};

#define ID_CHARACTERS 256
#define TEXT_CHARACTERS 65536
#define TYPE_CHARACTERS 127
#define ITEMS_MAX 100

enum { SHA256, MD5, PDQ, TYPE, PARTS };

static const struct { const char *name; i64 length, digits; } ITEM_FIELDS[] = {
    {"sha256", 6, 64}, {"md5", 3, 32}, {"pdq", 3, 64}, {"type", 4, 0},
};

/* A column of texts: their bytes one behind the other, where each ends (before the first: 0), whether it is there. */
typedef struct {
    u8 *bytes;
    i64 *ends;
    u8 *there;
} Column;

typedef struct {
    Column texts[TEXTS];
    Column parts[PARTS]; /* of media: a row an item */
    i64 *items;          /* where the items of each post end (before the first: 0) */
    u8 *has_items;
    i64 *numbers[3]; /* posted_at, author_created_at, channel_members */
    u8 *there[3];
} Posts;

static inline const u8 *behind_gap(const u8 *at, const u8 *end) {
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r')) at++;
    return at;
}

static int four_hex(const u8 *at, const u8 *end, u32 *code) {
    if (end - at < 4) return 0;
    *code = 0;
    for (int i = 0; i < 4; i++) {
        u8 c = at[i], low = c | 0x20;
        u32 digit = c >= '0' && c <= '9' ? c - (u32)'0' : low >= 'a' && low <= 'f' ? low - (u32)'a' + 10 : 16;
        if (digit > 15) return 0;
        *code = *code << 4 | digit;
    }
    return 1;
}

/* Read what stands behind a backslash. */
static const u8 *escaped(const u8 *at, const u8 *end, u32 *code) {
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    if (at >= end) return NULL;
    u8 letter = *at++;
    if (letter != 'u') {
        const char *found = letter ? strchr(from, letter) : NULL;
        if (!found) return NULL;
        *code = (u8)to[found - from];
        return at;
    }
    if (!four_hex(at, end, code) || (*code >= 0xDC00 && *code <= 0xDFFF)) return NULL;
    at += 4;
    if (*code >= 0xD800 && *code <= 0xDBFF) {
        u32 low;
        if (end - at < 6 || at[0] != '\\' || at[1] != 'u' || !four_hex(at + 2, end, &low)) return NULL;
        if (low < 0xDC00 || low > 0xDFFF) return NULL;
        *code = 0x10000 + ((*code - 0xD800) << 10) + (low - 0xDC00);
        at += 6;
    }
    return at;
}

/* How many bytes follow the first of a character in UTF-8 (RFC 3629); 0: it is none. */
static inline i64 tail_of(const u8 *at, const u8 *end) {
    u8 first = *at;
    i64 more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
    if (first < 0xC2 || first > 0xF4 || end - at <= more) return 0;
    u8 low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    u8 high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (at[1] < low || at[1] > high) return 0;
    for (i64 i = 2; i <= more; i++)
        if ((at[i] & 0xC0) != 0x80) return 0;
    return more;
}

/* Read a text whose opening quote is read already. It is never longer than it stands in the line. */
static const u8 *unquoted(const u8 *at, const u8 *end, u8 *out, i64 *size, i64 *characters) {
    u8 *begin = out;
    i64 count = 0;
    while (at < end) {
        u8 byte = *at;
        if (byte == '"') {
            *size = out - begin, *characters = count;
            return at + 1;
        }
        if (byte < 0x20) return NULL;
        count++;
        if (byte == '\\') {
            u32 code;
            at = escaped(at + 1, end, &code);
            if (!at) return NULL;
            out = put(out, code);
        } else if (byte < 0x80) {
            *out++ = byte, at++;
        } else {
            i64 more = tail_of(at, end);
            if (!more) return NULL;
            for (; more >= 0; more--) *out++ = *at++;
        }
    }
    return NULL;
}

static inline int is_digit(u8 c) { return c >= '0' && c <= '9'; }

/* Return the number that so many digits write; -1: they are none. */
static inline i64 digits(const u8 *at, int count) {
    i64 value = 0;
    for (int i = 0; i < count; i++) {
        if (!is_digit(at[i])) return -1;
        value = 10 * value + (at[i] - '0');
    }
    return value;
}

/* Read an instant in UTC, 1970 to 2099, as microseconds; a leap second is left to the slow reader. */
static const u8 *instant(const u8 *at, const u8 *end, i64 *micros) {
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    static const int length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (end - at < 21 || at[4] != '-' || at[7] != '-' || at[10] != 'T' || at[13] != ':' || at[16] != ':') return NULL;
    i64 year = digits(at, 4), month = digits(at + 5, 2), day = digits(at + 8, 2);
    i64 hour = digits(at + 11, 2), minute = digits(at + 14, 2), second = digits(at + 17, 2);
    if (year < 1970 || year > 2099 || month < 1 || month > 12 || day < 1 || hour < 0 || hour > 23) return NULL;
    if (minute < 0 || minute > 59 || second < 0 || second > 59) return NULL;
    int leaps = year % 4 == 0; /* 2000 is one, and 2100 is not reached */
    if (day > length[month - 1] + (leaps && month == 2)) return NULL;
    i64 days = (year - 1970) * 365 + (year - 1969) / 4 + before[month - 1] + (leaps && month > 2) + day - 1;
    i64 part = 0, scale = 100000, count = 0;
    at += 19;
    if (*at == '.') {
        for (at++; at < end && is_digit(*at); at++, count++, scale /= 10) part += scale * (*at - '0');
        if (count < 1 || count > 9) return NULL;
    }
    if (at < end && *at == 'Z') at++;
    else if (end - at >= 6 && !memcmp(at, "+00:00", 6)) at += 6;
    else return NULL;
    if (at >= end || *at != '"') return NULL;
    *micros = ((days * 24 + hour) * 60 + minute) * 60000000 + second * 1000000 + part;
    return at + 1;
}

/* Read a whole number from 0 on, of at most 18 digits. */
static const u8 *whole_number(const u8 *at, const u8 *end, i64 *value) {
    const u8 *begin = at;
    *value = 0;
    for (; at < end && at - begin < 19 && is_digit(*at); at++)
        if (at - begin < 18) *value = 10 * *value + (*at - '0');
    i64 count = at - begin;
    return count < 1 || count > 18 || (count > 1 && *begin == '0') ? NULL : at;
}

static int is_kind(const u8 *text, i64 size) {
    return (size == 4 && !memcmp(text, "post", 4)) || (size == 7 && (!memcmp(text, "channel", 7) || !memcmp(text, "account", 7)));
}

static int is_code(const u8 *text, i64 size, u8 first) {
    return size == 2 && text[0] >= first && text[0] < first + 26 && text[1] >= first && text[1] < first + 26;
}

static int is_sound(int field, const u8 *text, i64 size, i64 characters) {
    switch (field) {
    case KIND: return is_kind(text, size);
    case TEXT: return characters <= TEXT_CHARACTERS;
    case LANG: return is_code(text, size, 'a');
    case COUNTRY: return is_code(text, size, 'A');
    default: return characters >= 1 && characters <= ID_CHARACTERS;
    }
}

static int is_hash(u8 *text, i64 size, i64 count) {
    if (size != count) return 0;
    for (i64 i = 0; i < size; i++) {
        u8 low = text[i] | 0x20;
        if (is_digit(text[i])) continue;
        if (low < 'a' || low > 'f') return 0;
        text[i] = low;
    }
    return 1;
}

/* Read one of a post's media, whose opening brace is read already. */
static const u8 *item_of(const u8 *at, const u8 *end, const Posts *out, i64 item) {
    u32 seen = 0;
    for (int part = 0; part < PARTS; part++)
        out->parts[part].ends[item + 1] = out->parts[part].ends[item], out->parts[part].there[item] = 0;
    at = behind_gap(at, end);
    if (at < end && *at == '}') return at + 1;
    for (;; at = behind_gap(at + 1, end)) {
        if (at >= end || *at != '"') return NULL;
        const u8 *name = ++at;
        while (at < end && *at != '"') at++;
        int part = 0;
        while (part < PARTS && (ITEM_FIELDS[part].length != at - name ||
                                memcmp(ITEM_FIELDS[part].name, name, (size_t)(at - name))))
            part++;
        if (at >= end || part == PARTS || seen & 1u << part) return NULL;
        seen |= 1u << part;
        at = behind_gap(at + 1, end);
        if (at >= end || *at != ':') return NULL;
        at = behind_gap(at + 1, end);
        if (end - at >= 4 && !memcmp(at, "null", 4)) {
            at += 4;
        } else {
            const Column *column = &out->parts[part];
            u8 *text = column->bytes + column->ends[item];
            i64 size = 0, characters = 0;
            if (at >= end || *at != '"') return NULL;
            at = unquoted(at + 1, end, text, &size, &characters);
            if (!at) return NULL;
            if (part == TYPE ? characters < 1 || characters > TYPE_CHARACTERS
                             : !is_hash(text, size, ITEM_FIELDS[part].digits))
                return NULL;
            column->ends[item + 1] = column->ends[item] + size, column->there[item] = 1;
        }
        at = behind_gap(at, end);
        if (at < end && *at == '}') return at + 1;
        if (at >= end || *at != ',') return NULL;
    }
}

/* Read a post's media, whose opening bracket is read already. */
static const u8 *items_of(const u8 *at, const u8 *end, const Posts *out, i64 row) {
    i64 item = out->items[row];
    out->has_items[row] = 1;
    at = behind_gap(at, end);
    if (at < end && *at == ']') return at + 1;
    for (;; at = behind_gap(at + 1, end)) {
        if (at >= end || *at != '{' || item - out->items[row] >= ITEMS_MAX) return NULL;
        at = item_of(at + 1, end, out, item);
        if (!at) return NULL;
        out->items[row + 1] = ++item;
        at = behind_gap(at, end);
        if (at < end && *at == ']') return at + 1;
        if (at >= end || *at != ',') return NULL;
    }
}

/* Read a field's value into its column; NULL: it is left to the slow reader. */
static const u8 *value_of(int field, const u8 *at, const u8 *end, const Posts *out, i64 row) {
    if (end - at >= 4 && !memcmp(at, "null", 4)) return field == ID || field == KIND || field == POSTED ? NULL : at + 4;
    if (at >= end) return NULL;
    if (field == MEDIA) return *at == '[' ? items_of(at + 1, end, out, row) : NULL;
    if (field >= TEXTS) {
        i64 *value = &out->numbers[field - TEXTS][row];
        if (field == MEMBERS) at = whole_number(at, end, value);
        else at = *at == '"' ? instant(at + 1, end, value) : NULL;
        out->there[field - TEXTS][row] = at != NULL;
        return at;
    }
    if (*at != '"') return NULL;
    const Column *column = &out->texts[field];
    u8 *text = column->bytes + column->ends[row];
    i64 size = 0, characters = 0;
    at = unquoted(at + 1, end, text, &size, &characters);
    if (!at || !is_sound(field, text, size, characters)) return NULL;
    column->ends[row + 1] = column->ends[row] + size, column->there[row] = 1;
    return at;
}

static int field_of(const u8 *name, i64 length) {
    for (int field = 0; field <= MEDIA; field++)
        if (FIELDS[field].length == length && !memcmp(FIELDS[field].name, name, (size_t)length)) return field;
    return -1;
}

static int read_post(const u8 *at, const u8 *end, const Posts *out, i64 row) {
    const u32 needed = 1u << ID | 1u << KIND | 1u << POSTED;
    u32 seen = 0;
    for (int field = 0; field < TEXTS; field++)
        out->texts[field].ends[row + 1] = out->texts[field].ends[row], out->texts[field].there[row] = 0;
    for (int field = 0; field < 3; field++) out->numbers[field][row] = 0, out->there[field][row] = 0;
    out->items[row + 1] = out->items[row], out->has_items[row] = 0;
    at = behind_gap(at, end);
    if (at >= end || *at != '{') return 0;
    do {
        at = behind_gap(at + 1, end);
        if (at >= end || *at != '"') return 0;
        const u8 *name = ++at;
        while (at < end && *at != '"') at++;
        int field = field_of(name, at - name);
        if (at >= end || field < 0 || seen & 1u << field) return 0;
        seen |= 1u << field;
        at = behind_gap(at + 1, end);
        if (at >= end || *at != ':') return 0;
        at = value_of(field, behind_gap(at + 1, end), end, out, row);
        if (!at) return 0;
        at = behind_gap(at, end);
        if (at >= end) return 0;
    } while (*at == ',');
    if (*at != '}' || behind_gap(at + 1, end) != end || (seen & needed) != needed) return 0;
    return out->texts[CHANNEL].there[row] || out->texts[AUTHOR].there[row];
}

/* Read lines of JSON as posts; tell of each line whether it was taken, and how many were. Every text column has room
 * for all the lines' bytes, the columns of media for ITEMS_MAX items a line (or for as many as the bytes can hold). */
i64 posts_read(const u8 *bytes, const i64 *offsets, i64 lines, const Posts *out, u8 *taken) {
    i64 row = 0;
    for (int field = 0; field < TEXTS; field++) out->texts[field].ends[0] = 0;
    for (int part = 0; part < PARTS; part++) out->parts[part].ends[0] = 0;
    out->items[0] = 0;
    for (i64 line = 0; line < lines; line++) {
        taken[line] = (u8)read_post(bytes + offsets[line], bytes + offsets[line + 1], out, row);
        row += taken[line];
    }
    return row;
}
