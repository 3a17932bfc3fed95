package dev.penstock.spark.params;

import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.when;

import dev.penstock.datasets.format.PromptEncoding;
import dev.penstock.datasets.format.RowForm;
import dev.penstock.datasets.format.RowReader;
import dev.penstock.engine.config.ConfigException;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;

/**
 * The columns that a row is made of, as one column of strings: a text as it is, anything else as
 * the JSON that {@link RowReader} takes. So whatever carries, sorts or scores rows handles one
 * string each, and Spark's optimizer sees which columns it comes from.
 *
 * @param form what a row is
 * @param parts its columns
 */
public record RowColumns(RowForm form, List<Part> parts) {
  /** What to_json is told: a key of one row's struct is no key of all others. */
  private static final Map<String, String> WITHOUT_NULLS = Map.of("ignoreNullFields", "true");

  private static final String EMPTY_LIST = "\\s*(\\[\\s*\\])?\\s*";

  /**
   * A column.
   *
   * @param option the Param that names it
   * @param name its name
   * @param key what {@link RowReader} calls it
   * @param needed whether a row without it is none
   */
  public record Part(TrainerOption option, String name, String key, boolean needed) {
    String described() {
      return "'%s' (%s)".formatted(name, option.paramName());
    }
  }

  public RowColumns {
    parts = List.copyOf(parts);
  }

  /**
   * The columns that the Params name.
   *
   * @param now the time that chat templates tell
   * @throws ConfigException if they name rows of no or of several kinds, or what no row of the kind
   *     has
   */
  public static RowColumns of(OptionParams<?> params, LocalDateTime now) {
    RowChoice.check(params);
    if (isNamed(params, TrainerOption.MESSAGES_COL)) {
      return new RowColumns(
          new RowForm.Messages(now),
          both(
              part(params, TrainerOption.MESSAGES_COL, RowReader.MESSAGES, true),
              part(params, TrainerOption.TOOLS_COL, RowReader.TOOLS, false)));
    }
    if (isNamed(params, TrainerOption.PROMPT_COL)) {
      PromptEncoding encoding =
          PromptEncoding.valueOf(
              params.<String>value(TrainerOption.PROMPT_ENCODING).toUpperCase(Locale.ROOT));
      return new RowColumns(
          new RowForm.PromptCompletion(params.value(TrainerOption.TRAIN_ON_PROMPT), encoding),
          both(
              part(params, TrainerOption.PROMPT_COL, RowReader.PROMPT, true),
              part(params, TrainerOption.COMPLETION_COL, RowReader.COMPLETION, true)));
    }
    if (isNamed(params, TrainerOption.TOKENS_COL)) {
      return new RowColumns(
          new RowForm.Tokens(),
          both(
              part(params, TrainerOption.TOKENS_COL, RowReader.TOKENS, true),
              part(params, TrainerOption.LABELS_COL, RowReader.LABELS, true)));
    }
    return new RowColumns(new RowForm.Text(), part(params, TrainerOption.INPUT_COL, "text", true));
  }

  static boolean isNamed(OptionParams<?> params, TrainerOption option) {
    return params.isDefined(params.option(option));
  }

  private static List<Part> both(List<Part> first, List<Part> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }

  private static List<Part> part(
      OptionParams<?> params, TrainerOption option, String key, boolean needed) {
    return params.<String>valueIfAny(option).stream()
        .map(name -> new Part(option, name, key, needed))
        .toList();
  }

  /** The columns that no row goes without, for messages: {@code Column 'text' (inputCol)}. */
  public String described() {
    return parts.stream()
        .filter(Part::needed)
        .map(Part::described)
        .collect(Collectors.joining(" or ", "Column ", ""));
  }

  /**
   * Checks that a schema has the columns.
   *
   * @throws ConfigException if one is missing or of another type
   */
  public void check(StructType schema) {
    for (Part part : parts) {
      DataType type = ColumnCheck.field(schema, part.name, part.option.paramName()).dataType();
      if (!fits(part.option, type)) {
        throw new ConfigException(
            "Column %s must be %s, but is %s."
                .formatted(part.described(), wanted(part.option), type.catalogString()));
      }
    }
  }

  private static boolean fits(TrainerOption option, DataType type) {
    return switch (option) {
      case MESSAGES_COL, TOOLS_COL ->
          type instanceof StringType
              || (type instanceof ArrayType array && array.elementType() instanceof StructType);
      case TOKENS_COL, LABELS_COL ->
          type instanceof ArrayType array
              && List.of("tinyint", "smallint", "int", "bigint")
                  .contains(array.elementType().catalogString());
      default -> type instanceof StringType;
    };
  }

  private static String wanted(TrainerOption option) {
    return switch (option) {
      case MESSAGES_COL, TOOLS_COL -> "an array of structs, or its JSON as string";
      case TOKENS_COL, LABELS_COL -> "an array of int";
      default -> "string";
    };
  }

  /** The rows of a frame whose schema was checked: null without a part, empty without content. */
  public Column of(Dataset<?> frame) {
    if (form instanceof RowForm.Text) {
      return column(frame, parts.get(0));
    }
    List<Column> fields = new ArrayList<>();
    Column missing = lit(false);
    for (Part part : parts) {
      Column column = column(frame, part);
      fields.add(column.as(part.key));
      missing = part.needed ? missing.or(column.isNull()) : missing;
    }
    return when(missing, lit(null))
        .when(isEmpty(frame), lit(""))
        .otherwise(to_json(struct(fields.toArray(Column[]::new)), WITHOUT_NULLS));
  }

  private Column isEmpty(Dataset<?> frame) {
    Column first = column(frame, parts.get(0));
    if (form instanceof RowForm.PromptCompletion) {
      return length(first).equalTo(0).and(length(column(frame, parts.get(1))).equalTo(0));
    }
    DataType type = frame.select(first).schema().fields()[0].dataType();
    return type instanceof StringType
        ? first.rlike("^" + EMPTY_LIST + "$")
        : size(first).equalTo(0);
  }

  private static Column column(Dataset<?> frame, Part part) {
    return ColumnCheck.input(part.name, part.option.paramName(), frame);
  }
}
