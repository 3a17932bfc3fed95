package dev.penstock.engine.modelfiles;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.model.DecoderSpec;
import java.util.List;

/**
 * A model folder whose files fit together.
 *
 * @param givenConfig text of its {@code config.json}
 * @param config the same as the weights have it: {@code tie_word_embeddings} is false where they
 *     bring a head of their own
 * @param spec what that describes
 * @param warnings what the user should know of, one sentence each
 */
public record CheckedModel(
    String givenConfig, String config, DecoderSpec spec, List<String> warnings) {
  public CheckedModel {
    requireNonNull(givenConfig, "givenConfig is null");
    requireNonNull(config, "config is null");
    requireNonNull(spec, "spec is null");
    warnings = List.copyOf(warnings);
  }
}
