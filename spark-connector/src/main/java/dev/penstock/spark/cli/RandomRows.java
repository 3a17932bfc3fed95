package dev.penstock.spark.cli;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.sequence;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.recipe.Recipe;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Rows of tokens at random, for benchmarks: each token follows from seed, row and place alone. No
 * more rows are made than the steps of the run read.
 *
 * @param section of the recipe, whose {@code _target_} is {@link #LOADER}
 */
record RandomRows(Recipe recipe, String section) {
  static final String LOADER = "MockIterableDataset";

  /** The column of a row's tokens. */
  static final String TOKENS = "tokens";

  private static final int VOCABULARY = 1024;
  private static final int LENGTH = 1024;
  private static final int ROWS = 1_000_000;

  /** Whether the loader of a section makes such rows. */
  static boolean areOf(Recipe recipe, String section) {
    return recipe
        .text(section + "._target_")
        .filter(target -> target.toLowerCase(Locale.ROOT).endsWith(LOADER.toLowerCase(Locale.ROOT)))
        .isPresent();
  }

  /** Tokens of a row: as many as a sequence has, which validation does not say itself. */
  int length(Map<TrainerOption, Object> options) {
    Object length = options.getOrDefault(TrainerOption.SEQ_LENGTH, LENGTH);
    return number("seq_len", number("seq_length", (Integer) length));
  }

  /** Rows that are read of so many that the recipe wants. */
  long rows(Map<TrainerOption, Object> options) {
    long wanted = number("num_samples", ROWS);
    return options.get(TrainerOption.MAX_STEPS) instanceof Integer steps
            && options.get(TrainerOption.GLOBAL_BATCH_SIZE) instanceof Integer batch
        ? Math.min(wanted, (long) steps * batch)
        : wanted;
  }

  Dataset<Row> read(SparkSession spark, Map<TrainerOption, Object> options) {
    List<Integer> excluded = excluded();
    int vocabulary = number("vocab_size", VOCABULARY);
    if (vocabulary <= excluded.size()) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "%s.vocab_size is %d, of which exclude_token_ids leaves none. Leave out fewer.",
              section,
              vocabulary));
    }
    Column seed = lit(number("seed", 0));
    int left = vocabulary - excluded.size();
    Column tokens =
        transform(
            sequence(lit(1), lit(length(options))),
            place -> token(pmod(xxhash64(seed, col("id"), place), lit(left)), excluded));
    return spark.range(rows(options)).select(tokens.as(TOKENS));
  }

  /** The so many-th of the ids that are not left out. */
  private static Column token(Column number, List<Integer> excluded) {
    Column id = number.cast("int");
    for (int left : excluded) {
      id = when(id.geq(left), id.plus(1)).otherwise(id);
    }
    return id;
  }

  private List<Integer> excluded() {
    return recipe
        .value(section + ".exclude_token_ids")
        .map(DatasetFiles::texts)
        .orElse(List.of())
        .stream()
        .map(Integer::valueOf)
        .sorted()
        .distinct()
        .toList();
  }

  private int number(String key, int otherwise) {
    return recipe.value(section + "." + key).map(value -> positive(key, value)).orElse(otherwise);
  }

  private int positive(String key, Object value) {
    if (value instanceof Integer number && number >= (key.equals("seed") ? 0 : 1)) {
      return number;
    }
    throw new ConfigException(
        "%s.%s is %s. Set it to a positive whole number.".formatted(section, key, value));
  }
}
