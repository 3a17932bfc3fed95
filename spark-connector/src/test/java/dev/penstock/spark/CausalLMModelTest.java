package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.engine.config.ConfigException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.feature.IndexToString;
import org.apache.spark.ml.feature.OneHotEncoder;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.ml.feature.StringIndexerModel;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class CausalLMModelTest {
  /** What transformers computes in float32 on another machine. */
  private static final Offset<Double> ROUNDING = Offset.offset(1e-5);

  private static final Path FOLDER = Path.of("src/test/resources/models/id-beyond-vocab");

  /** The text of it has a token beyond the model's vocabulary. */
  private static final int BEYOND = 3;

  private final SparkSession spark = TestSpark.session();
  private final CausalLMModel model =
      CausalLMModel.ofFolder(FOLDER.toUri().toString()).setSeqLength(256);

  private static List<JsonNode> recorded() throws IOException {
    List<JsonNode> rows = new ArrayList<>();
    new ObjectMapper()
        .readTree(FOLDER.resolve("expected.json").toFile())
        .path("rows")
        .forEach(rows::add);
    return rows;
  }

  @Test
  void scoresAreThoseOfTransformers() throws IOException {
    List<JsonNode> known =
        recorded().stream().filter(row -> row.path("row").asInt() != BEYOND).toList();
    String[] texts = known.stream().map(row -> row.path("text").asText()).toArray(String[]::new);

    List<Row> scored = model.transform(TestSpark.texts(texts)).collectAsList();

    for (int i = 0; i < known.size(); i++) {
      assertThat(scored.get(i).<Double>getAs("nll"))
          .isCloseTo(known.get(i).path("nll").asDouble(), ROUNDING);
      assertThat(scored.get(i).<Integer>getAs("numTokens"))
          .isEqualTo(known.get(i).path("tokens").asInt());
    }
  }

  @Test
  void aTokenThatTheModelDoesNotHaveIsNamedWithItsRow() throws IOException {
    String[] texts =
        recorded().stream().map(row -> row.path("text").asText()).toArray(String[]::new);

    assertThatThrownBy(
            () -> model.transform(TestSpark.texts(texts).coalesce(1)).select("nll").collect())
        .rootCause()
        .hasMessageContaining(
            "Row 3 of partition 0 (from 0) cannot be scored. The row with the text 'Of making many")
        .hasMessageContaining("token '[PAD]' with the id 320")
        .hasMessageContaining("the model's vocabulary has 320 ids, the last one 319");
    assertThatThrownBy(() -> model.generate("books [PAD]", 3))
        .rootCause()
        .hasMessageContaining("'books [PAD]' has the token '[PAD]' with the id 320");
  }

  @Test
  void otherColumnsStayAsTheyAre() {
    Dataset<Row> frame =
        spark.sql(
            """
            select 'In the beginning' as text, date'1582-10-10' as day,
              timestamp'1582-10-10 12:00:00' as time, cast(X'FF41FE' as string) as bytes,
              array(cast(X'C328' as string)) as nested,
              map_from_arrays(array(date'1582-10-08'), array(1)) as map,
              collate('A', 'UTF8_LCASE') as letter
            """);
    String[] seen = {
      "text",
      "cast(day as string)",
      "cast(time as string)",
      "hex(bytes)",
      "hex(nested[0])",
      "cast(map_keys(map)[0] as string)",
      "letter = 'a'",
      "typeof(letter)"
    };

    Dataset<Row> scored = model.transform(frame);

    assertThat(scored.selectExpr(seen).first()).isEqualTo(frame.selectExpr(seen).first());
    assertThat(scored.selectExpr(seen).first().get(1)).isEqualTo("1582-10-10");
    assertThat(scored.drop("nll", "numTokens").schema()).isEqualTo(frame.schema());
    assertThat(scored.schema()).isEqualTo(model.transformSchema(frame.schema()));
    assertThat(scored.first().<Integer>getAs("numTokens")).isPositive();
  }

  @Test
  void metadataOfOtherColumnsStay() {
    Dataset<Row> frame =
        spark.sql(
            "select * from values ('In', 'a'), ('the', 'b'), ('beginning', 'c'), ('God', 'd') as t(text, label)");
    StringIndexerModel indexer =
        new StringIndexer().setInputCol("label").setOutputCol("index").fit(frame);
    Dataset<Row> scored = model.transform(indexer.transform(frame));

    Row encoded =
        new OneHotEncoder()
            .setInputCol("index")
            .setOutputCol("vector")
            .setDropLast(false)
            .fit(scored.where("label < 'c'"))
            .transform(scored)
            .where("label = 'b'")
            .first();

    assertThat(encoded.<Vector>getAs("vector").size()).isEqualTo(4);
    assertThat(
            new IndexToString()
                .setInputCol("index")
                .setOutputCol("again")
                .transform(scored)
                .where("again = label")
                .count())
        .isEqualTo(4);
  }

  @Test
  void aColumnThatIsThereTwiceIsRefused() {
    Dataset<Row> frame = spark.sql("select 'In the beginning' as text, 'zzz' as text");
    assertThatThrownBy(() -> model.transform(frame))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("There are 2 columns 'text' (inputCol)");
    assertThatThrownBy(() -> model.transform(spark.sql("select 'In' as text, 'zzz' as TEXT")))
        .hasMessageContaining("There are 2 columns 'text' (inputCol)");
  }

  @Test
  void otherColumnsMayBeThereTwice() {
    Dataset<Row> scored =
        model.transform(spark.sql("select 1 as ref, 'In the beginning' as text, 2 as ref"));
    assertThat(scored.columns()).containsExactly("ref", "text", "ref", "nll", "numTokens");
    assertThat(scored.first().getInt(2)).isEqualTo(2);
  }

  @Test
  void caseCountsAsTheSessionSays() {
    Dataset<Row> frame = spark.sql("select 'In the beginning' as text, 0 as NLL");
    assertThatThrownBy(() -> model.transformSchema(frame.schema()))
        .hasMessageContaining("Output column 'nll' already exists as 'NLL'");
    CausalLMModel upper = model.copy(ParamMap.empty());
    assertThat(upper.setInputCol("TEXT").transform(frame.drop("NLL")).columns())
        .containsExactly("text", "nll", "numTokens");

    spark.conf().set("spark.sql.caseSensitive", true);
    try {
      assertThat(model.transform(frame).columns())
          .containsExactly("text", "NLL", "nll", "numTokens");
      assertThatThrownBy(() -> upper.transformSchema(frame.schema()))
          .hasMessageContaining(
              "There is no column 'TEXT' (inputCol). The columns are: text, NLL.");
    } finally {
      spark.conf().unset("spark.sql.caseSensitive");
    }
  }

  @Test
  void theInputMayBeAFieldOfAStruct() {
    Dataset<Row> frame =
        spark.sql("select struct('In the beginning' as text, 1 as ref) as doc, 'God' as `a.b`");
    CausalLMModel nested = model.copy(ParamMap.empty());

    Row scored = nested.setInputCol("doc.text").transform(frame).first();

    assertThat(scored.<Double>getAs("nll"))
        .isEqualTo(
            model.transform(TestSpark.texts("In the beginning")).first().<Double>getAs("nll"));
    assertThat(scored.getStruct(0).getInt(1)).isEqualTo(1);
    for (String name : new String[] {"`a.b`", "a.b"}) {
      assertThat(nested.setInputCol(name).transform(frame).first().<Integer>getAs("numTokens"))
          .isPositive();
    }
    assertThatThrownBy(() -> nested.setInputCol("doc").transform(frame))
        .hasMessageContaining("Column 'doc' (inputCol) must be string, but is struct<");
    assertThatThrownBy(() -> nested.setInputCol("doc.none").transform(frame))
        .hasMessageContaining("There is no column 'doc.none' (inputCol)");
  }
}
