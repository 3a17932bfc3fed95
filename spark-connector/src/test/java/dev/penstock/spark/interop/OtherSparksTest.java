package dev.penstock.spark.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.spark.TestSpark;
import java.util.List;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.param.Param;
import org.junit.jupiter.api.Test;
import scala.runtime.AbstractFunction1;

/** What is called where this Spark has something that others lack. */
class OtherSparksTest {
  private final SparkContext context = TestSpark.session().sparkContext();

  @Test
  void paramOfSpark3TakesAndKeepsTexts() {
    Param<String> param = SparkParams.textWithoutType("uid", "name", "doc", new NotEmpty());
    assertThat(param.parent()).isEqualTo("uid");
    assertThat(param.isValid()).isInstanceOf(NotEmpty.class);
    assertThat(param.jsonDecode(param.jsonEncode("text"))).isEqualTo("text");
    assertThatThrownBy(() -> param.w(""))
        .hasMessageContaining("parameter name given invalid value");
  }

  private static final class NotEmpty extends AbstractFunction1<String, Object> {
    @Override
    public Object apply(String value) {
      return !value.isEmpty();
    }
  }

  @Test
  void slotsWithoutSparksOwnCountAreThoseOfTheCores() {
    TaskProfile session = TaskProfile.ofSession(context);
    assertThat(session.roughly()).isEqualTo(session.available()).isEqualTo(4);
  }

  @Test
  void coresOfATaskAreWhatSparkGaveIt() {
    assertThat(
            JavaSparkContext.fromSparkContext(context)
                .parallelize(List.of(1), 1)
                .map(element -> TaskProfile.coresOf(TaskContext.get()))
                .collect())
        .containsExactly(1);
  }
}
