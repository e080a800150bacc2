/*
 * The loop that float32 inputs cost, for WebAssembly: SIMD takes sixteen characters in one step, which JavaScript has no
 * way to say. It takes exactly what number-run.ts takes, or less, and is never wrong about what it takes; see there for
 * the grammar, and for where it stops. What differs:
 *
 *     find_commas    first, where all the numbers end: then none waits until the length of the one before it is known
 *     take_two       two short ones at once (0.123456, -7.5, or 17, 255): eight digits each
 *     take_long      up to 32 characters without an exponent
 *     take_any       whatever else there is, and the last, which no comma follows
 *
 * All but the last write digits to the left, zeros to the right: 0.25 is 02500000 / 10^7. Of at most fifteen digits the
 * integer m is exact, and so is the power of ten: one correctly rounded double operation, then one to float32, as
 * Math.fround(JSON.parse(x)) does. Where digits are cut off behind the fifteenth, m <= x * 10^k < m + 1; both roundings
 * are monotone, so where m and m + 1 become the same float32, x does.
 *
 * What is not a digit where one should be becomes more than nine, and is left to the next in the list.
 *
 * Behind the bytes lie 16 zeros, and further memory that may be read: blocks of 64 are looked at whole.
 * Built by float32-scan-build.ts; test/property holds it equal to JSON.parse.
 */
#include <wasm_simd128.h>

typedef unsigned char byte;
typedef unsigned int u32;
typedef unsigned long long u64;

#define EIGHT(x) x, x, x, x, x, x, x, x
#define SIXTEEN(x) EIGHT(x), EIGHT(x)

/* Volatile, to be loaded: a constant in the code V8 would put together anew for every number, from integer registers. */
#define LOADED(constant) (*(const volatile v128_t *)(constant))
static const byte COMMA[16] = {SIXTEEN(',')}, POINT[16] = {SIXTEEN('.')}, ZERO[16] = {SIXTEEN('0')};
/* Added to a byte with saturation, sets its highest bit where it was more than nine. */
static const byte OVER_NINE[16] = {SIXTEEN(0x80 - 10)};
/* Two digits a, b in a 16-bit lane: times 2561 it has 10a + b in its upper byte. */
static const unsigned short TENS[8] = {EIGHT(2561)};
static const unsigned short HUNDREDS[8] = {100, 1, 100, 1, 100, 1, 100, 1}, MYRIADS[8] = {10000, 1, 10000, 1, 10000, 1, 10000, 1};
static const double UPPER_LOWER[2] = {1e8, 1}, SELF_NEXT[2] = {0, 1}, SEVEN_BEHIND[2] = {1e7, 1e7};

/* From KEEP + 16 - n on, n bytes of ones, then zeros: what keeps the first n of sixteen. */
static const byte KEEP[32] = {SIXTEEN(255)};
/* What keeps the first n of eight. */
static const u64 KEEP_EIGHT[9] = {0, 0xff, 0xffff, 0xffffff, 0xffffffff, 0xffffffffff, 0xffffffffffff, 0xffffffffffffff, 0xffffffffffffffff};
/* Row p, to swizzle by: a zero, the p characters before the point, those behind it. */
#define FROM(p, i) ((i) <= (p) ? (i) - 1 : (i))
#define ROW(p) \
  {128, FROM(p, 1), FROM(p, 2), FROM(p, 3), FROM(p, 4), FROM(p, 5), FROM(p, 6), FROM(p, 7), FROM(p, 8), FROM(p, 9), \
   FROM(p, 10), FROM(p, 11), FROM(p, 12), FROM(p, 13), FROM(p, 14), FROM(p, 15)}
static const byte WITHOUT_POINT[16][16] = {ROW(0), ROW(1), ROW(2), ROW(3), ROW(4), ROW(5), ROW(6), ROW(7),
                                           ROW(8), ROW(9), ROW(10), ROW(11), ROW(12), ROW(13), ROW(14), ROW(15)};

static const double POWERS[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
static const u64 INTEGER_POWERS[9] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
/* Up to here, so many digits more still fit: (2^64 - 1) / 10^n - 1. */
static const u64 ROOM[9] = {18446744073709551614ull, 1844674407370955160ull, 184467440737095515ull, 18446744073709550ull, 1844674407370954ull,
                            184467440737094ull,      18446744073708ull,      1844674407369ull,      184467440736ull};

static inline u64 load(const byte *at) {
  u64 word;
  __builtin_memcpy(&word, at, 8);
  return word;
}

static inline u64 commas16(const byte *at) {
  return wasm_i8x16_bitmask(wasm_i8x16_eq(wasm_v128_load(at), LOADED(COMMA)));
}

/* Writes where commas stand, at least the first `limit` of them, and says how many of these there are. Up to 67 more are written. */
static inline u32 find_commas(const byte *at, const byte *end, u32 *found, u32 limit) {
  u32 count = 0;
  for (; at < end && count < limit; at += 64) {
    u64 bits = commas16(at) | commas16(at + 16) << 16 | commas16(at + 32) << 32 | commas16(at + 48) << 48;
    if (end - at < 64) bits &= (1ull << (end - at)) - 1;
    u32 *next = found + count;
    count += (u32)__builtin_popcountll(bits);
    /* Always four, and more by need: a branch a comma would be foretold wrongly more often than that costs. */
    do {
      for (int i = 0; i < 4; i++) {
        *next++ = (u32)(unsigned long)at + (bits == 0 ? 64 : (u32)__builtin_ctzll(bits));
        bits &= bits - 1;
      }
    } while (bits != 0);
  }
  return count < limit ? count : limit;
}

static inline int any_over_nine(v128_t digits) {
  return wasm_i8x16_bitmask(wasm_u8x16_add_sat(digits, LOADED(OVER_NINE))) != 0;
}

/* Sixteen digits to two doubles, each of eight of them. */
static inline v128_t eights(v128_t digits) {
  v128_t twos = wasm_u16x8_shr(wasm_i16x8_mul(digits, LOADED(TENS)), 8);
  v128_t fours = wasm_i32x4_dot_i16x8(twos, LOADED(HUNDREDS));
  return wasm_f64x2_convert_low_i32x4(wasm_i32x4_dot_i16x8(wasm_i16x8_narrow_i32x4(fours, fours), LOADED(MYRIADS)));
}

/* A number without its sign, and where it ends. */
typedef struct {
  const byte *at;
  u32 length;
  u32 negative;
} token;

static inline token token_of(const byte *at, const byte *end) {
  if (*at == ' ') at++;
  u32 negative = *at == '-';
  at += negative;
  return (token){at, (u32)(end - at), negative};
}

/* One digit, a point, one to seven digits. */
static inline int is_short_fraction(token t) { return t.at[1] == '.' && t.length - 3 <= 6; }
/* Perhaps: one to eight digits, and no zero before others. */
static inline int is_short_integer(token t) { return t.length - 1 <= 7 && (*t.at != '0' || t.length == 1); }

static inline int write_two(v128_t chars, v128_t keep, v128_t powers, u64 signs, float *out) {
  v128_t digits = wasm_v128_and(wasm_i8x16_sub(chars, LOADED(ZERO)), keep);
  if (any_over_nine(digits)) return 0;
  v128_t singles = wasm_f32x4_demote_f64x2_zero(wasm_f64x2_div(eights(digits), powers));
  u64 both = (u64)wasm_i64x2_extract_lane(singles, 0) | signs;
  __builtin_memcpy(out, &both, 8);
  return 1;
}

static inline int take_two(token a, token b, float *out) {
  u64 signs = (u64)a.negative << 31 | (u64)b.negative << 63;
  if (is_short_fraction(a) && is_short_fraction(b)) {
    /* From the point on, and in its place the digit before it. */
    v128_t chars = wasm_i64x2_make((long long)(load(a.at + 1) + *a.at - '.'), (long long)(load(b.at + 1) + *b.at - '.'));
    v128_t keep = wasm_v128_load64_lane(&KEEP_EIGHT[b.length - 1], wasm_v128_load64_zero(&KEEP_EIGHT[a.length - 1]), 1);
    return write_two(chars, keep, LOADED(SEVEN_BEHIND), signs, out);
  }
  if (is_short_integer(a) && is_short_integer(b)) {
    v128_t chars = wasm_v128_load64_lane(b.at, wasm_v128_load64_zero(a.at), 1);
    v128_t keep = wasm_v128_load64_lane(&KEEP_EIGHT[b.length], wasm_v128_load64_zero(&KEEP_EIGHT[a.length]), 1);
    v128_t powers = wasm_v128_load64_lane(&POWERS[8 - b.length], wasm_v128_load64_zero(&POWERS[8 - a.length]), 1);
    return write_two(chars, keep, powers, signs, out);
  }
  return 0;
}

/* `whole` digits stand before the point, or are all there are. */
static inline int take_with(token t, u32 whole, float *out) {
  if (whole - 1 > (*t.at == '0' ? 0 : 14)) return 0;
  v128_t digits = wasm_i8x16_swizzle(wasm_i8x16_sub(wasm_v128_load(t.at), LOADED(ZERO)), LOADED(WITHOUT_POINT[whole]));
  v128_t checked;
  if (t.length > 16) {
    if (t.length > 32) return 0;
    v128_t last = wasm_i8x16_sub(wasm_v128_load(t.at + t.length - 16), LOADED(ZERO));
    checked = wasm_u8x16_max(digits, wasm_v128_andnot(last, wasm_v128_load(KEEP + t.length - 16)));
  } else {
    u32 count = t.length - (whole < t.length);
    if (count > 15 || whole + 1 == t.length) return 0;
    checked = digits = wasm_v128_and(digits, wasm_v128_load(KEEP + 15 - count));
  }
  if (any_over_nine(checked)) return 0;
  v128_t halves = wasm_f64x2_mul(eights(digits), LOADED(UPPER_LOWER));
  v128_t m = wasm_f64x2_add(wasm_f64x2_add(halves, wasm_i64x2_shuffle(halves, halves, 1, 0)), LOADED(SELF_NEXT));
  v128_t singles = wasm_f32x4_demote_f64x2_zero(wasm_f64x2_div(m, wasm_v128_load64_splat(&POWERS[15 - whole])));
  u64 bounds = (u64)wasm_i64x2_extract_lane(singles, 0);
  if (t.length > 16 && (u32)bounds != (u32)(bounds >> 32)) return 0;
  u32 bits = (u32)bounds | t.negative << 31;
  __builtin_memcpy(out, &bits, 4);
  return 1;
}

static inline int take_long(token t, float *out) {
  /* Mostly, and then the rest need not wait until it has been looked for. */
  if (t.at[1] == '.') return take_with(t, 1, out);
  u32 point = (u32)__builtin_ctz(wasm_i8x16_bitmask(wasm_i8x16_eq(wasm_v128_load(t.at), LOADED(POINT))) | 0x10000);
  return take_with(t, point < t.length ? point : t.length, out);
}

/* Bits in each byte, from the first that is no digit on; `digits` has them as 0 … 9. What stands above that is nothing. */
static inline u64 no_digits(u64 digits) {
  return (digits | (digits + 0x0606060606060606ull)) & 0xf0f0f0f0f0f0f0f0ull;
}

/* Eight digits, the first in the lowest byte, to their number. */
static inline u64 eight(u64 digits) {
  digits = digits * 10 + (digits >> 8);
  return (((digits & 0x000000ff000000ffull) * 0x000f424000000064ull) + (((digits >> 16) & 0x000000ff000000ffull) * 0x0000271000000001ull)) >> 32;
}

/*
 * Returns where the number ends, or null where it takes none. Digits are gathered in m as long as it holds them. Where
 * m >= 2^53, making it a double and the operation round once each, relative error below 2.01u < 4u, u = 2^-53: x lies
 * between v - 8uv and v + 8uv, also after these are rounded, and where both become the same float32, x does.
 */
static __attribute__((noinline)) const byte *take_any(const byte *at, const byte *end, float *out) {
  byte c = *at;
  while (c == ' ' || c == '\n' || c == '\r' || c == '\t') c = *++at;
  int negative = c == '-';
  if (negative) c = *++at;
  u64 m = (u64)c - '0';
  if (m > 9) return 0;
  c = *++at;
  if (m != 0) {
    while (c - '0' <= 9u && m <= ROOM[1]) {
      m = m * 10 + (c - '0');
      c = *++at;
    }
  }
  /* More than there was room for, or behind a zero. */
  if (c - '0' <= 9u) return 0;
  int exponent = 0;
  if (c == '.') {
    const byte *point = ++at;
    u64 digits = load(at) ^ 0x3030303030303030ull;
    u64 none = no_digits(digits);
    while (none == 0 && m <= ROOM[8]) {
      m = m * INTEGER_POWERS[8] + eight(digits);
      at += 8;
      digits = load(at) ^ 0x3030303030303030ull;
      none = no_digits(digits);
    }
    u32 count = none == 0 ? 8 : (u32)__builtin_ctzll(none) >> 3;
    if (count > 0 && m <= ROOM[count]) {
      /* Shifted up, what follows the digits falls out, and zeros come in before them. */
      m = m * INTEGER_POWERS[count] + eight(digits << ((8 - count) * 8));
      at += count;
    }
    exponent = (int)(point - at);
    c = *at;
    /* No digit behind the point, or more than there was room for. */
    if (exponent == 0 || c - '0' <= 9u) return 0;
  }
  if (c == 'e' || c == 'E') {
    c = *++at;
    int below = c == '-';
    if (below || c == '+') c = *++at;
    if (c - '0' > 9u) return 0;
    int power = 0;
    while (c - '0' <= 9u && power < 1000) {
      power = power * 10 + (c - '0');
      c = *++at;
    }
    exponent += below ? -power : power;
  }
  /* A number at the very end may go on in the next chunk. */
  if (c != ',' && at >= end) return 0;
  if (exponent < -22 || exponent > 22) return 0;

  double value = (double)m;
  value = exponent < 0 ? value / POWERS[-exponent] : value * POWERS[exponent];
  float single = (float)value;
  if (m >= 9007199254740992ull) {
    double margin = value * 0x1p-50;
    if ((float)(value - margin) != (float)(value + margin)) return 0;
  }
  /* Not finite as float32: whoever knows the words for it says so. */
  if (single - single != 0) return 0;
  *out = negative ? -single : single;
  return at;
}

/* Where the scan stopped: behind the last comma or number that it took. */
static u32 stopped;

__attribute__((export_name("stoppedAt"))) u32 stopped_at(void) { return stopped; }

__attribute__((export_name("scan"))) u32 scan(const byte *at, const byte *end, float *out, u32 *commas, u32 limit) {
  const u32 found = find_commas(at, end, commas, limit);
  u32 taken = 0;
  while (taken < limit) {
    if (taken < found) {
      const byte *first = (const byte *)(unsigned long)commas[taken];
      token a = token_of(at, first);
      if (a.length <= 9 && taken + 1 < found) {
        const byte *second = (const byte *)(unsigned long)commas[taken + 1];
        if (take_two(a, token_of(first + 1, second), out + taken)) {
          taken += 2;
          at = second + 1;
          continue;
        }
      }
      if (take_long(a, out + taken)) {
        taken++;
        at = first + 1;
        continue;
      }
    }
    const byte *behind = take_any(at, end, out + taken);
    if (behind == 0) break;
    taken++;
    at = behind;
    if (*at != ',') break;
    at++;
  }
  stopped = (u32)(unsigned long)at;
  return taken;
}
