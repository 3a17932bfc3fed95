package dev.penstock.examples.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Times of several things that are done in turn, several times over. */
final class Rates {
  /** What is timed. */
  interface Timed {
    void run() throws IOException;
  }

  private final Map<String, List<Double>> seconds = new LinkedHashMap<>();

  void time(String what, Timed timed) throws IOException {
    long begin = System.nanoTime();
    timed.run();
    double taken = (System.nanoTime() - begin) / 1e9;
    seconds.computeIfAbsent(what, key -> new ArrayList<>()).add(taken);
  }

  /** The median of each, if each time it was about so many bytes. */
  Map<String, Double> gigabytesPerSecond(long bytes) {
    Map<String, Double> rates = new LinkedHashMap<>();
    seconds.forEach((what, all) -> rates.put(what + "_gb_s", bytes / 1e9 / Medians.of(all)));
    return rates;
  }
}
