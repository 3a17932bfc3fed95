package dev.penstock.engine.safetensors;

import static dev.penstock.engine.safetensors.TestingFiles.withHeader;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsHeaderTest {
  private static final int DATA_BYTES = 16;

  @Test
  void entriesComeInTheOrderOfTheirBytes() throws IOException {
    SafetensorsHeader header =
        read(
            withHeader(
                """
                {"__metadata__":{"format":"pt"},
                 "b":{"dtype":"F32","shape":[2,1],"data_offsets":[8,16]},
                 "a":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}""",
                DATA_BYTES));

    assertThat(header.entries())
        .containsExactly(
            new TensorEntry("a", DType.I64, List.of(), 0, 8),
            new TensorEntry("b", DType.F32, List.of(2L, 1L), 8, 16));
    assertThat(header.metadata()).isEqualTo(Map.of("format", "pt"));
  }

  @Test
  void whatOthersWriteBesideIsPassedOver() throws IOException {
    SafetensorsHeader header =
        read(
            withHeader(
                """
                {"__metadata__":null,
                 "a":{"note":[1,{"x":null}],"dtype":"I64","shape":[],"data_offsets":[0,8],"y":null},
                 "b":{"dtype":"I64","z":{},"shape":[1],"data_offsets":[8,16]}}""",
                DATA_BYTES));
    assertThat(header.metadata()).isEmpty();
    assertThat(header.entries()).extracting(TensorEntry::name).containsExactly("a", "b");
  }

  @Test
  void emptyTensorsTakeNoBytes() throws IOException {
    SafetensorsHeader header =
        read(withHeader("{\"a\":{\"dtype\":\"F32\",\"shape\":[0,7],\"data_offsets\":[0,0]}}", 0));
    assertThat(header.entries().get(0).numElements()).isZero();
  }

  @Test
  void fileWithoutTensorsIsValid() throws IOException {
    assertThat(read(withHeader("{}", 0)).entries()).isEmpty();
  }

  @Test
  void writtenHeaderIsReadBackAndAligned() throws IOException {
    SafetensorsHeader written =
        SafetensorsHeader.layOut(
            List.of(
                new TensorInfo("ids \u00e9\"\n", DType.BOOL, List.of(3L)),
                new TensorInfo("w", DType.BF16, List.of(2L, 2L))),
            SafetensorsHeader.PYTORCH_METADATA);
    byte[] bytes = written.toBytes();

    assertThat(bytes.length % 8).isZero();
    assertThat(written.dataStart()).isEqualTo(bytes.length);
    assertThat(written.dataLength()).isEqualTo(3 + 8);
    ByteBuffer file = ByteBuffer.allocate(bytes.length + 11).put(bytes);
    assertThat(read(file.array())).isEqualTo(written);
  }

  @Test
  void namesMustBeDistinctAndNotReserved() {
    TensorInfo w = TestingFiles.f32("w", 1L);
    assertThatThrownBy(() -> SafetensorsHeader.layOut(List.of(w, w), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'w'");
    TensorInfo reserved = TestingFiles.f32("__metadata__", 1L);
    assertThatThrownBy(() -> SafetensorsHeader.layOut(List.of(reserved), Map.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 0, 1, 27, 100_000_001, Long.MAX_VALUE, Long.MIN_VALUE})
  void headerLengthThatCannotBeIsRefused(long length) {
    byte[] file = ByteBuffer.allocate(34).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array();
    assertThatThrownBy(() -> read(file))
        .isInstanceOf(SafetensorsException.class)
        .hasMessageContaining("test.safetensors")
        .hasMessageContaining(Long.toUnsignedString(length))
        .hasMessageContaining("34 bytes");
  }

  @ParameterizedTest
  @CsvSource({
    "version https://git-lfs.github.com/spec/v1, git lfs pull",
    "<!DOCTYPE html><title>404</title>, web page",
    "PK\u0003\u0004 torch, safe_serialization=True",
    "GGUF\u0003\u0000\u0000\u0000 llama, GGUF"
  })
  void whatLiesInPlaceOfTheFileIsTold(String text, String told) {
    assertThatThrownBy(() -> read(text.getBytes(StandardCharsets.ISO_8859_1)))
        .isInstanceOf(SafetensorsException.class)
        .hasMessageContaining("test.safetensors")
        .hasMessageContaining(told);
  }

  @Test
  void headerOverTheLimitIsRefusedEvenIfTheFileHadIt() {
    byte[] start =
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(100_000_001).array();
    assertThatThrownBy(
            () ->
                SafetensorsHeader.read(
                    new TestingByteChannel(start), "test.safetensors", Long.MAX_VALUE))
        .isInstanceOf(SafetensorsException.class)
        .hasMessageContaining("100000001");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7})
  void fileShorterThanTheLengthIsRefused(int length) {
    assertThatThrownBy(() -> read(new byte[length]))
        .isInstanceOf(SafetensorsException.class)
        .hasMessageContaining("has " + length + " bytes");
  }

  @Test
  void fileShorterThanItsStoreSaysIsRefused() {
    byte[] file = withHeader("{}", 0);
    assertThatThrownBy(
            () ->
                SafetensorsHeader.read(
                    new TestingByteChannel(new byte[] {50, 0, 0, 0, 0, 0, 0, 0, '{'}),
                    "test.safetensors",
                    file.length + 100))
        .isInstanceOf(SafetensorsException.class)
        .hasMessageContaining("ends at byte 9");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "nonsense | no valid JSON",
        "[] | must be START_OBJECT",
        "{} {} | nothing",
        "{\"a\": | no valid JSON",
        "{\"a\":1} | must be START_OBJECT",
        "{\"a\":{}} | lacks its dtype",
        "{\"a\":{\"dtype\":\"F31\",\"shape\":[4],\"data_offsets\":[0,16]}} | dtype 'F31'",
        "{\"a\":{\"dtype\":7,\"shape\":[4],\"data_offsets\":[0,16]}} | VALUE_STRING",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-4],\"data_offsets\":[0,16]}} | negative",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4.0],\"data_offsets\":[0,16]}} | VALUE_NUMBER_INT",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0]}} | offsets '[0]'",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[16,0]}} | offsets '[16, 0]'",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[-16,0]}} | offsets '[-16, 0]'",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,16]}} | needs 12 bytes",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[5],\"data_offsets\":[0,20]}} | take 20 bytes",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]}} | take 12 bytes",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[4,16]}} | begins at byte 4",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904],\"data_offsets\":[0,16]}} | 2^63",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[9223372036854775808],\"data_offsets\":[0,16]}} | 64 bits",
        "{\"__metadata__\":{\"n\":1}} | must be VALUE_STRING",
        "{\"__metadata__\":[]} | must be START_OBJECT",
        "{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}} | Duplicate field",
      })
  void invalidHeaderIsRefused(String json, String reason) {
    assertThatThrownBy(() -> read(withHeader(json, DATA_BYTES)))
        .isInstanceOf(SafetensorsException.class)
        .hasMessageContaining("test.safetensors")
        .hasMessageContaining(reason);
  }

  @Test
  void nameUsedTwiceIsRefused() {
    String tensor = "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[%d,%d]}";
    String json = "{" + tensor.formatted(0, 8) + "," + tensor.formatted(8, 16) + "}";
    assertThatThrownBy(() -> read(withHeader(json, DATA_BYTES)))
        .isInstanceOf(SafetensorsException.class)
        .hasMessageContaining("Duplicate field 'a'");
  }

  @ParameterizedTest
  @CsvSource({"0, 12, 8, 16", "0, 4, 8, 16", "0, 16, 0, 16"})
  void overlapsAndGapsAreRefused(int begin0, int end0, int begin1, int end1) {
    String tensor = "\"%s\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[%d,%d]}";
    String json =
        "{%s,%s}"
            .formatted(
                tensor.formatted("a", end0 - begin0, begin0, end0),
                tensor.formatted("b", end1 - begin1, begin1, end1));
    assertThatThrownBy(() -> read(withHeader(json, DATA_BYTES)))
        .isInstanceOf(SafetensorsException.class)
        .hasMessageContaining("neither overlap nor leave gaps");
  }

  @Test
  void deepNestingIsRefused() {
    String json = "{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
    assertThatThrownBy(() -> read(withHeader(json, DATA_BYTES)))
        .isInstanceOf(SafetensorsException.class);
  }

  @Test
  void endlessShapeIsRefused() {
    String json =
        "{\"a\":{\"dtype\":\"U8\",\"shape\":["
            + "1,".repeat(1_000_000)
            + "1],\"data_offsets\":[0,1]}}";
    assertThatThrownBy(() -> read(withHeader(json, 1)))
        .isInstanceOf(SafetensorsException.class)
        .hasMessageContaining("more than 64");
  }

  @Test
  void bytesThatAreNoUtf8AreRefused() {
    byte[] json = "{\"a?\":{}}".getBytes(StandardCharsets.US_ASCII);
    json[3] = (byte) 0xff;
    assertThatThrownBy(() -> read(withHeader(json, 0))).isInstanceOf(SafetensorsException.class);
  }

  @Test
  void longNamesAreCutInMessages() {
    String json = "{\"" + "n".repeat(40_000) + "\":{}}";
    assertThatThrownBy(() -> read(withHeader(json, 0)))
        .isInstanceOf(SafetensorsException.class)
        .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(1000));
  }

  private static SafetensorsHeader read(byte[] file) throws IOException {
    return SafetensorsHeader.read(new TestingByteChannel(file), "test.safetensors", file.length);
  }
}
