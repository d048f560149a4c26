/* The loops over every character of every text, for processors: the same answers as the NumPy beside each caller.
 *
 * Texts come as `Joined`: code points in one buffer, a 0 before the first, after the last and between any two, with
 * the place of each text's first character and the place after its last. Nothing here is kept, locked or printed;
 * every function works on its arguments alone, so any number of threads may call it at once. What a function cannot
 * store it counts: the caller comes again with a larger buffer. A negative answer: no memory.
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

/* Read UTF-8 (valid, as Arrow keeps it) as code points, with edges, and tell which texts are plain (0), simple (1) or
 * hard (2): see `shortcuts.py`. A NUL becomes a space. Return how many code points there are. */
i64 decode(const u8 *bytes, const i64 *offsets, i64 texts, const u8 *classes, u32 *codes, i64 *starts, i64 *ends,
           u8 *groups) {
    i64 place = 0;
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
            before = class;
            codes[place++] = code;
        }
        ends[t] = place;
        codes[place++] = 0;
        groups[t] = (all & IS_HARD) || pairs ? 2 : (all & IS_CHANGED) ? 1 : 0;
    }
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

/* Give all texts in both forms in which something is looked for: in NFKC, and folded with single spaces.
 *
 * raw, groups: as `decode` leaves them. What each character becomes by itself: compat, folded, skeleton.
 * hard, hard_folded: the hard texts in their order, in NFKC and folded, as Unicode's own algorithm has them.
 * sizes: code points of the two forms, and bytes of the first in UTF-8.
 */
void spell(const Texts *raw, i64 texts, const u8 *groups, const u32 *compat, const u32 *folded, const u32 *skeleton,
           const u8 *kinds, const Texts *hard, const Texts *hard_folded, const Texts *out, u8 *utf8,
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
        from = out->codes + out->starts[t], to = out->codes + out->ends[t];
        if (groups[t] == 2) {
            from = hard_folded->codes + hard_folded->starts[difficult];
            to = hard_folded->codes + hard_folded->ends[difficult];
            difficult++;
        }
        i64 begin = final->starts[t] = last;
        for (; from < to; from++) {
            u32 code = groups[t] == 2 ? *from : folded[*from], letter = skeleton[code];
            if (letter == ' ' && (last == begin || final->codes[last - 1] == ' ')) continue;
            final->codes[last] = letter, plain[last++] = code;
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

/* Sum up the weights of each text's different n-grams of 2 to 4 characters, and count them. */
i64 ngram_sums(const u32 *codes, const i64 *starts, const i64 *ends, i64 texts, const float *weights, double *sums,
               i64 *numbers) {
    i64 longest = 0;
    for (i64 t = 0; t < texts; t++)
        if (ends[t] - starts[t] > longest) longest = ends[t] - starts[t];
    /* Each place gives three buckets at most; a set that is half empty finds its slot at once. */
    u32 *slots = malloc(sizeof(u32) << power_above(6 * (u64)(longest + 2)));
    u32 *text = malloc(sizeof(u32) * (u64)(longest + 2));
    if (!slots || !text) {
        free(slots);
        free(text);
        return -1;
    }
    for (i64 t = 0; t < texts; t++) {
        i64 length = ends[t] - starts[t];
        u32 bits = power_above(6 * (u64)(length + 2)), mask = (1u << bits) - 1;
        memset(slots, 0, sizeof(u32) << bits);
        text[0] = text[length + 1] = 0;
        for (i64 i = 0; i < length; i++) {
            u32 code = codes[starts[t] + i];
            text[i + 1] = code - '0' < 10 ? '0' : code;
        }
        double sum = 0;
        i64 number = 0;
        for (i64 i = 0; i <= length; i++) {
            u32 value = (2166136261u ^ text[i]) * 16777619u;
            i64 last = length + 1 < i + 3 ? length + 1 : i + 3;
            for (i64 j = i + 1; j <= last; j++) {
                value = (value ^ text[j]) * 16777619u;
                u32 bucket = ((value ^ (value >> 15)) * 0x2C1B3C6Du) >> (32 - BITS);
                u32 slot = (bucket * 0x9E3779B1u) >> (32 - bits) & mask;
                while (slots[slot] && slots[slot] != bucket + 1) slot = (slot + 1) & mask;
                if (!slots[slot]) {
                    slots[slot] = bucket + 1;
                    sum += weights[bucket];
                    number++;
                }
            }
        }
        sums[t] = sum;
        numbers[t] = number;
    }
    free(slots);
    free(text);
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
void may_hold_hosts(const u32 *codes, const i64 *starts, const i64 *ends, i64 texts, const u8 *kinds, u8 *hosts) {
    for (i64 t = 0; t < texts; t++) {
        u8 host = 0;
        for (i64 i = starts[t]; i < ends[t] && !host; i++) {
            u32 code = codes[i];
            if (code == '.' || code == 0x3002)
                host = stands_in_word(kinds, codes[i - 1]) && stands_in_word(kinds, codes[i + 1]);
            else if (code == '[' || code == '(' || code == '{')
                host = may_begin_dot(kinds, codes[i + 1]);
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

typedef struct {
    u32 map_bits, slot_bits;
    u32 some_lengths; /* bit n: a phrase of n characters, up to PREFIX */
    u32 *map;         /* bits, by the hash of a prefix */
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
        table->beginnings = calloc(1ull << table->slot_bits, sizeof(Beginning));
        table->slots = calloc(1ull << table->slot_bits, sizeof(u64));
        whole = whole && table->map && table->beginnings && table->slots;
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
            if (i + 1 != prefix) continue;
            u32 bit = (value * 0x9E3779B1u) >> (32 - table->map_bits);
            table->map[bit >> 5] |= 1u << (bit & 31);
            table->some_lengths |= 1u << prefix;
            if (prefix < PREFIX) continue;
            u64 key = (u64)value + 1;
            u32 slot = mix(value) & slot_mask;
            while (table->beginnings[slot].hash && table->beginnings[slot].hash != key) slot = (slot + 1) & slot_mask;
            table->beginnings[slot].hash = key;
            table->beginnings[slot].lengths |= 1ull << (length < 63 ? length : 63);
        }
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

static inline int goes_on(const u8 *kinds, u32 left, u32 right) {
    u8 kind = known(kinds, left);
    return (kind == LETTER || kind == DIGIT) && kind == known(kinds, right);
}

typedef struct {
    i64 *numbers, *starts;
    i64 found, room;
} Hits;

static inline void noted(Hits *hits, i64 number, i64 start) {
    if (hits->found < hits->room) hits->numbers[hits->found] = number, hits->starts[hits->found] = start;
    hits->found++;
}

/* Look for the phrases of more than PREFIX - 1 characters that begin at a place. */
static void look_further(const Phrases *made, const Table *table, u32 value, const u32 *codes, i64 place, i64 end,
                         Hits *hits) {
    u32 mask = (u32)((1ull << table->slot_bits) - 1), slot = mix(value) & mask;
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
        if (!(lengths >> (length < 63 ? length : 63) & 1)) continue;
        i64 number = whole_phrase(made, table, value, codes + place, length);
        if (number >= 0) noted(hits, number, place);
    }
}

#define BLOCK 512

/* Look at some places of a block at once, by ever longer beginnings: all loops but the last are for vectors. */
static void look_at(const Phrases *made, const Table *table, const u32 *codes, i64 base, i64 size, const u32 *places,
                    i64 count, Hits *hits) {
    u32 values[BLOCK], shift = 32 - table->map_bits;
    u8 marked[BLOCK + 8];
    for (i64 i = 0; i < count; i++) values[i] = HASH_START;
    for (i64 length = 1; length <= PREFIX; length++) {
        /* Places are in order: those too near the buffer's end are the last. */
        while (count && base + places[count - 1] + length > size) count--;
        const u32 *ahead = codes + base + length - 1;
        for (i64 i = 0; i < count; i++) values[i] = step(values[i], ahead[places[i]]);
        if (!(table->some_lengths >> length & 1)) continue;
        const u32 *map = table->map;
        for (i64 i = 0; i < count; i++) {
            u32 bit = (values[i] * 0x9E3779B1u) >> shift;
            marked[i] = map[bit >> 5] >> (bit & 31) & 1;
        }
        memset(marked + count, 0, 8);
        for (i64 i = 0; i < count; i += 8) {
            u64 eight;
            memcpy(&eight, marked + i, 8);
            for (; eight; eight &= eight - 1) {
                i64 j = i + __builtin_ctzll(eight) / 8, place = base + places[j];
                if (length == PREFIX) {
                    look_further(made, table, values[j], codes, place, size, hits);
                } else {
                    i64 number = whole_phrase(made, table, values[j], codes + place, length);
                    if (number >= 0) noted(hits, number, place);
                }
            }
        }
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
        for (i64 i = 0; i < count; i++) {
            begins[words] = (u32)i;
            words += codes[base + i] && !goes_on(kinds, plain[base + i], plain[base + i - 1]);
        }
        look_at(made, &made->tables[1], codes, base, size, begins, words, &hits);
    }
    return hits.found;
}
