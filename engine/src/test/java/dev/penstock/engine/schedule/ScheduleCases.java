package dev.penstock.engine.schedule;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** The reference's schedules: inputs and outputs of torch.distributed.pipelining 2.13. */
final class ScheduleCases {
  private ScheduleCases() {}

  static JsonNode load(String name) {
    try (InputStream resource =
        requireNonNull(ScheduleCases.class.getResourceAsStream("/schedules/" + name), name)) {
      InputStream json = name.endsWith(".gz") ? new GZIPInputStream(resource) : resource;
      return new ObjectMapper().readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<JsonNode> list(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).toList();
  }

  /** The schedule of a case, generated; throws what the generator throws. */
  static PipelineSchedule generate(JsonNode testCase) {
    return Schedules.named(testCase.get("schedule").textValue())
        .generate(
            testCase.get("pp").intValue(),
            testCase.get("stages_per_rank").intValue(),
            testCase.get("n_microbatches").intValue());
  }

  static List<List<String>> strings(JsonNode ranks) {
    return list(ranks).stream().map(ScheduleCases::cells).toList();
  }

  static List<String> cells(JsonNode row) {
    return list(row).stream().map(JsonNode::textValue).toList();
  }

  static List<List<String>> strings(List<? extends List<Action>> ranks) {
    return ranks.stream().map(ScheduleCases::texts).toList();
  }

  static List<String> texts(List<Action> row) {
    return row.stream().map(Action::toString).toList();
  }

  /** A row of cells, null where idle. */
  static List<@Nullable Action> parse(JsonNode row) {
    List<@Nullable Action> actions = new ArrayList<>();
    row.forEach(cell -> actions.add(Action.parse(cell.textValue())));
    return actions;
  }

  static List<List<@Nullable Action>> parseRanks(JsonNode ranks) {
    List<List<@Nullable Action>> rows = new ArrayList<>();
    ranks.forEach(row -> rows.add(parse(row)));
    return rows;
  }
}
