package dev.penstock.engine.model;

import java.util.EnumMap;
import java.util.Map;

/**
 * What training drops at random; scoring and validation drop nothing.
 *
 * @param rates share of elements set to zero, in [0, 1), of each place that the model's family has
 *     a key for
 * @param seed of what is dropped
 */
public record DropoutSpec(Map<Place, Double> rates, long seed) {
  /** Where a decoder drops. */
  public enum Place {
    /** The probabilities of attention, after the softmax. */
    ATTENTION,
    /** What attention and feed-forward add to the residual stream. */
    RESIDUAL,
    /** The output of the embedding. */
    EMBEDDING
  }

  public DropoutSpec {
    rates = Map.copyOf(rates);
  }

  /** The same with one rate in every place that the family has a key for. */
  public DropoutSpec withRate(double rate) {
    Map<Place, Double> all = new EnumMap<>(Place.class);
    rates.keySet().forEach(place -> all.put(place, rate));
    return new DropoutSpec(all, seed);
  }

  /** The same with another seed. */
  public DropoutSpec withSeed(long newSeed) {
    return new DropoutSpec(rates, newSeed);
  }

  double rate(Place place) {
    return rates.getOrDefault(place, 0.0);
  }
}
