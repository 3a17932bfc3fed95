package dev.penstock.datasets.order;

/**
 * A pseudorandom permutation of 0 to n-1 that takes no memory: a Feistel network over the next
 * power of four, walked until the value is below n (Black and Rogaway, Ciphers with Arbitrary
 * Finite Domains, 2002). What it computes must never change: the order of stored data hangs on it.
 */
final class Permutation {
  private static final int ROUNDS = 6;

  private final long n;
  private final long key;
  private final int halfBits;
  private final long halfMask;

  Permutation(long n, long key) {
    this.n = n;
    this.key = key;
    int bits = Long.SIZE - Long.numberOfLeadingZeros(Math.max(n - 1, 1));
    this.halfBits = (bits + 1) / 2;
    this.halfMask = (1L << halfBits) - 1;
  }

  /** Where {@code x} goes. */
  long apply(long x) {
    long y = x;
    do {
      y = encrypt(y);
    } while (y >= n);
    return y;
  }

  /** What goes to {@code y}. */
  long invert(long y) {
    long x = y;
    do {
      x = decrypt(x);
    } while (x >= n);
    return x;
  }

  private long encrypt(long x) {
    long left = x >>> halfBits;
    long right = x & halfMask;
    for (int round = 0; round < ROUNDS; round++) {
      long next = left ^ (mix(key, round, right) & halfMask);
      left = right;
      right = next;
    }
    return left << halfBits | right;
  }

  private long decrypt(long y) {
    long left = y >>> halfBits;
    long right = y & halfMask;
    for (int round = ROUNDS - 1; round >= 0; round--) {
      long previous = right ^ (mix(key, round, left) & halfMask);
      right = left;
      left = previous;
    }
    return left << halfBits | right;
  }

  /** A key from several numbers. */
  static long mix(long a, long b, long c) {
    return scramble(scramble(scramble(a) + b) + c);
  }

  /** The finalizer of SplitMix64, after a step of its generator. */
  private static long scramble(long seed) {
    long z = seed + 0x9e3779b97f4a7c15L;
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }
}
