/*
 * The loop that float32 inputs cost, for WebAssembly: 64-bit integers take eight digits in one step, which JavaScript
 * has no way to say. It takes exactly what number-run.ts takes, or less, and is never wrong about what it takes; see
 * there for the grammar, for where it stops, and for the proof. What differs:
 *
 * - Digits are gathered in a 64-bit integer as long as it holds them, so that m is exact. m < 2^53 and an exact power of ten:
 *   one correctly rounded double operation, then to float32, as Math.fround(JSON.parse(x)) does.
 * - m >= 2^53: making it a double and the operation round once each, relative error below 2.01u < 4u, u = 2^-53. x lies
 *   between v - 8uv and v + 8uv, also after these are rounded; where both become the same float32, x does.
 *
 * The bytes are followed by 16 zero bytes, so that reading eight ahead needs no question.
 * Built by float32-scan.build.ts; test/property holds it equal to JSON.parse.
 */
typedef unsigned char byte;
typedef unsigned int u32;
typedef unsigned long long u64;

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

/* Bits in each byte, from the first that is no digit on; `digits` has them as 0 … 9. What stands above that is nothing. */
static inline u64 no_digits(u64 digits) {
  return (digits | (digits + 0x0606060606060606ull)) & 0xf0f0f0f0f0f0f0f0ull;
}

/* Eight digits, the first in the lowest byte, to their number. */
static inline u64 eight(u64 digits) {
  digits = digits * 10 + (digits >> 8);
  return (((digits & 0x000000ff000000ffull) * 0x000f424000000064ull) + (((digits >> 16) & 0x000000ff000000ffull) * 0x0000271000000001ull)) >> 32;
}

/* Where the scan stopped: behind the last comma or number that it took. */
static u32 stopped;

__attribute__((export_name("stoppedAt"))) u32 stopped_at(void) { return stopped; }

__attribute__((export_name("scan"))) u32 scan(const byte *at, const byte *end, float *out, u32 limit) {
  u32 taken = 0;
  const byte *start = at;
  while (taken < limit) {
    start = at;
    byte c = *at;
    while (c <= ' ' && (c == ' ' || c == '\n' || c == '\r' || c == '\t')) c = *++at;
    int negative = c == '-';
    if (negative) c = *++at;
    u64 m = (u64)c - '0';
    if (m > 9) break;
    c = *++at;
    if (m != 0) {
      while (c - '0' <= 9u && m <= ROOM[1]) {
        m = m * 10 + (c - '0');
        c = *++at;
      }
      if (c - '0' <= 9u) break;
    } else if (c - '0' <= 9u) {
      break;
    }
    int exponent = 0;
    if (c == '.') {
      const byte *point = ++at;
      u64 digits = load(at) ^ 0x3030303030303030ull;
      u64 none = no_digits(digits);
      /* A branch that is foretold, not a sum that has to be waited for: where the next number begins hangs on `at`. */
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
      if (exponent == 0 || c - '0' <= 9u) break;
    }
    if (c == 'e' || c == 'E') {
      c = *++at;
      int below = c == '-';
      if (below || c == '+') c = *++at;
      if (c - '0' > 9u) break;
      int power = 0;
      while (c - '0' <= 9u && power < 1000) {
        power = power * 10 + (c - '0');
        c = *++at;
      }
      exponent += below ? -power : power;
    }
    /* A number at the very end may go on in the next chunk. */
    if (c != ',' && at >= end) break;
    if (exponent < -22 || exponent > 22) break;

    double value = (double)m;
    value = exponent < 0 ? value / POWERS[-exponent] : value * POWERS[exponent];
    float single = (float)value;
    if (m >= 9007199254740992ull) {
      double margin = value * 0x1p-50;
      if ((float)(value - margin) != (float)(value + margin)) break;
    }
    /* Not finite as float32: whoever knows the words for it says so. */
    if (single - single != 0) break;
    out[taken++] = negative ? -single : single;
    start = at;
    if (c != ',') break;
    start = ++at;
  }
  stopped = (u32)(unsigned long)start;
  return taken;
}
