package dev.penstock.engine.model;

import java.nio.charset.StandardCharsets;

/** Seeds that depend on a seed and a name alone, so not on the layout. */
public final class NamedSeed {
  private NamedSeed() {}

  /** FNV-1a over the name, then the finalizer of SplitMix64: near seeds give unrelated streams. */
  public static long of(long seed, String name) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    long z = hash + seed * 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
