package dev.penstock.spark;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.spark.barrier.Uninterrupted;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.fs.ModelContents;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A summary as JSON: what each of its methods returns, by the method's name; and its curve as a
 * picture. So it stays beside the model, and so clients of Spark Connect read it, to whom the
 * server tells but two of the values.
 */
final class SummaryFile {
  private static final Logger log = LoggerFactory.getLogger(SummaryFile.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> NO_VALUES = Set.of("toJson", "toString", "reportHtml");

  private SummaryFile() {}

  static String toJson(TrainingSummary summary) {
    ObjectNode json = JSON.createObjectNode();
    Arrays.stream(TrainingSummary.class.getDeclaredMethods())
        .filter(method -> Modifier.isPublic(method.getModifiers()) && !method.isSynthetic())
        .filter(method -> method.getParameterCount() == 0)
        .filter(method -> !NO_VALUES.contains(method.getName()))
        .sorted(Comparator.comparing(Method::getName))
        .forEach(method -> json.set(method.getName(), JSON.valueToTree(value(method, summary))));
    return json.toString();
  }

  private static Object value(Method method, TrainingSummary summary) {
    try {
      Object value = method.invoke(summary);
      return value instanceof Optional<?> optional ? optional.orElse(null) : value;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(method.getName(), e);
    }
  }

  /** Puts it beside the model, which is there whether or not this succeeds. */
  static void write(TrainingSummary summary, String modelPath, Configuration conf) {
    // Hadoop forgets an interrupt that comes while it writes, and the caller has a right to it.
    Uninterrupted.run("penstock-summary", () -> writeNow(summary, modelPath, conf));
  }

  private static void writeNow(TrainingSummary summary, String modelPath, Configuration conf) {
    try {
      HadoopFolder.of(modelPath, conf)
          .write(ModelContents.TRAINING_SUMMARY, toJson(summary).getBytes(StandardCharsets.UTF_8));
      summary.plotLoss(new Path(modelPath, ModelContents.LOSS).toString());
    } catch (IOException | RuntimeException e) {
      log.warn("The summary of the fit cannot be written into {}", modelPath, e);
    }
  }
}
