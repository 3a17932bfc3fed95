package dev.penstock.engine.model;

import java.util.Map;
import java.util.TreeMap;

/** Adapters for tests. */
public final class TestingLora {
  private TestingLora() {}

  /** Adapters of modules, alike. */
  public static LoraSpec of(int rank, double scale, double dropout, long seed, String... modules) {
    Map<String, AdapterSpec> adapters = new TreeMap<>();
    for (String module : modules) {
      adapters.put(module, new AdapterSpec(rank, scale));
    }
    return new LoraSpec(dropout, seed, adapters);
  }
}
