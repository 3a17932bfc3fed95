package dev.penstock.engine.model.family;

import dev.penstock.engine.model.DecoderSpec;
import java.util.Set;

/** What one Hugging Face model family makes of its {@code config.json}. Stateless. */
interface ModelFamily {
  /** The {@code model_type}s of the family. */
  Set<String> modelTypes();

  /** The class of transformers that a config of the family names under {@code architectures}. */
  String architecture();

  /**
   * Reads the config. Problems are left in the reader; the result is only used if there are none.
   */
  DecoderSpec read(ConfigReader config);
}
