package dev.penstock.spark.cli;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.get;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.trim;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.recipe.Recipe;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StringType;

/**
 * The loaders of data sets that recipes name ({@code _target_}): what each makes of its rows, as
 * the columns of a row that options name. The wording is NeMo AutoModel's.
 */
enum RecipeLoader {
  /** Questions about a context, of which the first answer is learnt. */
  SQUAD("make_squad_dataset", "SQuAD") {
    @Override
    Map<TrainerOption, Column> columns(Section section) {
      section.require("context", "question", "answers");
      Column prompt =
          concat(
              lit("Context: "),
              coalesce(col("context"), lit("")),
              lit(" Question: "),
              coalesce(col("question"), lit("")),
              lit(" Answer: "));
      Column answer = coalesce(trim(get(col("answers.text"), lit(0)), BLANK), lit(""));
      return section.hasTemplate()
          ? messages(turn("user", prompt), turn("assistant", answer))
          : parts(prompt, answer);
    }
  },

  /** Situations, and which of four endings follows. */
  HELLASWAG("HellaSwag") {
    @Override
    Map<TrainerOption, Column> columns(Section section) {
      section.require("ctx", "endings", "label");
      return parts(col("ctx"), get(col("endings"), expr("try_cast(label AS int)")));
    }

    @Override
    Map<TrainerOption, Object> options(Section section) {
      return Map.of(TrainerOption.PROMPT_ENCODING, "separate");
    }
  },

  /** Questions and answers, perhaps with a context, in columns of any names. */
  COLUMN_MAPPED(
      "ColumnMappedTextInstructionDataset", "ColumnMappedTextInstructionIterableDataset") {
    @Override
    Map<TrainerOption, Column> columns(Section section) {
      List<String> asked =
          Stream.of("context", "question")
              .map(role -> section.recipe().text(section.name() + ".column_mapping." + role))
              .flatMap(Optional::stream)
              .toList();
      String answer =
          section
              .recipe()
              .text(section.name() + ".column_mapping.answer")
              .filter(name -> !asked.isEmpty())
              .orElseThrow(
                  () ->
                      new ConfigException(
                          "%s.column_mapping must name the column of the answer, and that of the context, the question or both."
                              .formatted(section.name())));
      section.require(Stream.concat(asked.stream(), Stream.of(answer)).toArray(String[]::new));
      Column[] before =
          Stream.concat(asked.stream().map(RecipeLoader::named), Stream.of(lit("")))
              .toArray(Column[]::new);
      return isChat(section)
          ? conversation(section, named(answer))
          : parts(concat_ws(" ", before), named(answer));
    }

    @Override
    Map<TrainerOption, Object> options(Section section) {
      return isChat(section)
          ? Map.of()
          : Map.of(TrainerOption.TRAIN_ON_PROMPT, !answersAlone(section));
    }

    private boolean answersAlone(Section section) {
      return !Boolean.FALSE.equals(section.value("answer_only_loss_mask").orElse(true));
    }

    private boolean isChat(Section section) {
      return Boolean.TRUE.equals(section.value("use_hf_chat_template").orElse(false))
          && section.hasTemplate();
    }

    /** What is not mapped is said with nothing, as in the reference. */
    private Map<TrainerOption, Column> conversation(Section section, Column answer) {
      if (!answersAlone(section)) {
        throw new ConfigException(
            "%s.answer_only_loss_mask is false, but of a conversation only what the assistant says is learnt. Set it to true, or use_hf_chat_template to false."
                .formatted(section.name()));
      }
      return messages(
          turn("system", mapped(section, "context")),
          turn("user", mapped(section, "question")),
          turn("assistant", answer));
    }

    private Column mapped(Section section, String role) {
      return section
          .value("column_mapping." + role)
          .map(column -> coalesce(named(String.valueOf(column)), lit("")))
          .orElse(lit(""));
    }
  },

  /** Tokens at random. */
  RANDOM(RandomRows.LOADER) {
    @Override
    Map<TrainerOption, Column> columns(Section section) {
      return Map.of(TrainerOption.TOKENS_COL, col(RandomRows.TOKENS));
    }
  },

  /** Conversations. */
  CHAT("ChatDataset") {
    @Override
    Map<TrainerOption, Column> columns(Section section) {
      section.require(MESSAGES);
      Map<TrainerOption, Column> columns = new LinkedHashMap<>();
      columns.put(
          TrainerOption.MESSAGES_COL,
          section.has(BROKEN)
              ? coalesce(section.json(MESSAGES), col(BROKEN))
              : section.json(MESSAGES));
      columns.put(
          TrainerOption.TOOLS_COL,
          section.has(TOOLS) ? section.json(TOOLS) : lit(null).cast("string"));
      return columns;
    }
  };

  /** Columns whose JSON has another form in each row. */
  static final List<String> JSON_COLUMNS = List.of("messages", "tools");

  private static final String MESSAGES = JSON_COLUMNS.get(0);
  private static final String TOOLS = JSON_COLUMNS.get(1);

  /** Where Spark puts lines of a JSON file that are none; as rows they are refused by name. */
  private static final String BROKEN = "_corrupt_record";

  /** What Python's strip takes away, of what answers may have at their ends. */
  private static final String BLANK = " \t\n\r\u000b\f\u0085\u00a0";

  private final List<String> names;

  RecipeLoader(String... names) {
    this.names = List.of(names);
  }

  /**
   * A section of a recipe and its rows.
   *
   * @param hasTemplate whether the tokenizer has a chat template
   */
  record Section(Recipe recipe, String name, Dataset<Row> rows, boolean hasTemplate) {
    private Optional<Object> value(String key) {
      return recipe.value(name + "." + key);
    }

    private boolean has(String column) {
      return Arrays.asList(rows.columns()).contains(column);
    }

    private void require(String... columns) {
      for (String column : columns) {
        if (!has(column)) {
          throw new ConfigException(
              "%s: %s needs a column %s, but the rows have: %s."
                  .formatted(
                      name,
                      Quoted.of(recipe.text(name + "._target_").orElse("")),
                      Quoted.of(column),
                      Quoted.list(Arrays.asList(rows.columns()))));
        }
      }
    }

    private Column json(String column) {
      boolean written = rows.schema().apply(column).dataType() instanceof StringType;
      return written ? col(column) : to_json(col(column));
    }
  }

  /**
   * The loader of a name, by its last part.
   *
   * @throws ConfigException if it makes rows of its own
   */
  static RecipeLoader of(String section, String target) {
    String name = target.substring(target.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return Arrays.stream(values())
        .filter(
            loader -> loader.names.stream().anyMatch(n -> n.toLowerCase(Locale.ROOT).equals(name)))
        .findFirst()
        .orElseThrow(
            () ->
                new ConfigException(
                    "%s._target_ %s makes up rows, which train does not. Name real ones by %s.path_or_dataset, with another _target_ or none."
                        .formatted(section, Quoted.of(target), section)));
  }

  /** What the row is made of, by the option that names the column of it. */
  abstract Map<TrainerOption, Column> columns(Section section);

  /** What else the loader says. */
  Map<TrainerOption, Object> options(Section section) {
    return Map.of();
  }

  private static Column named(String column) {
    return col("`" + column.replace("`", "``") + "`");
  }

  private static Map<TrainerOption, Column> parts(Column prompt, Column completion) {
    Map<TrainerOption, Column> columns = new LinkedHashMap<>();
    columns.put(TrainerOption.PROMPT_COL, prompt);
    columns.put(TrainerOption.COMPLETION_COL, completion);
    return columns;
  }

  private static Map<TrainerOption, Column> messages(Column... turns) {
    return Map.of(TrainerOption.MESSAGES_COL, to_json(array(turns)));
  }

  private static Column turn(String role, Column content) {
    return struct(lit(role).as("role"), content.as("content"));
  }
}
