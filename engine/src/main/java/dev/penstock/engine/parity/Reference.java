package dev.penstock.engine.parity;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.model.family.HubJson;
import dev.penstock.engine.safetensors.DType;
import dev.penstock.engine.safetensors.SafetensorsFile;
import dev.penstock.engine.safetensors.TensorEntry;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Numbers recorded from transformers: {@code golden.safetensors} and {@code golden.json} beside the
 * model's own files.
 *
 * @param batch the rows that were run forward and backward
 * @param logits [B, T, V], row-major
 * @param loss mean over the counted tokens
 * @param gradients of the mean loss, by parameter name
 * @param gradientNorms norms of gradients, by parameter name, of those too that are not recorded
 * @param trainBatches the rows of each training step; empty if no training was recorded
 * @param trainLosses loss of each training step
 * @param trainNorms gradient norm of each training step
 * @param saved what peft saves of adapters after the training
 */
record Reference(
    Tokens batch,
    float[] logits,
    double loss,
    Map<String, float[]> gradients,
    Map<String, Double> gradientNorms,
    List<Tokens> trainBatches,
    List<Double> trainLosses,
    List<Double> trainNorms,
    Saved saved) {
  private static final String GRADIENT_PREFIX = "grad.";
  private static final String AFTER = "after.safetensors";

  /**
   * Adapters after a training.
   *
   * @param sizes number of elements of each tensor; empty: not recorded
   * @param values of some of them
   */
  record Saved(Map<String, Long> sizes, Map<String, float[]> values) {}

  /** Rows of equal length with their labels. */
  record Tokens(int rows, int seqLength, int[] ids, int[] labels) {
    /** The rows so often over that there are as many as wanted: no mean changes by that. */
    Tokens atLeast(int wanted) {
      int times = (wanted + rows - 1) / rows;
      return times <= 1
          ? this
          : new Tokens(rows * times, seqLength, repeated(ids, times), repeated(labels, times));
    }

    private static int[] repeated(int[] values, int times) {
      int[] all = new int[values.length * times];
      for (int i = 0; i < times; i++) {
        System.arraycopy(values, 0, all, i * values.length, values.length);
      }
      return all;
    }
  }

  static Reference read(Path folder) throws IOException {
    JsonNode json =
        HubJson.parse(Files.readString(folder.resolve("golden.json")), "The golden.json");
    LocalFolder store = new LocalFolder(folder);
    try (SafetensorsFile file =
        SafetensorsFile.open(
            store.open("golden.safetensors"),
            "golden.safetensors",
            store.length("golden.safetensors"))) {
      Map<String, float[]> gradients = new LinkedHashMap<>();
      for (TensorEntry entry : file.entries()) {
        if (entry.name().startsWith(GRADIENT_PREFIX)) {
          gradients.put(
              entry.name().substring(GRADIENT_PREFIX.length()), floats(file, entry.name()));
        }
      }
      List<Long> shape = file.entry("input_ids").shape();
      return new Reference(
          new Tokens(
              Math.toIntExact(shape.get(0)),
              Math.toIntExact(shape.get(1)),
              ints(file, "input_ids"),
              ints(file, "labels")),
          floats(file, "logits"),
          json.path("loss").asDouble(Double.NaN),
          gradients,
          norms(json.path("grad_norms")),
          trainBatches(file),
          numbers(json.path("train").path("losses")),
          numbers(json.path("train").path("grad_norms")),
          saved(json.path("saved_after_training"), store));
    }
  }

  private static Saved saved(JsonNode shapes, LocalFolder store) throws IOException {
    Map<String, Long> sizes = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> tensor : shapes.properties()) {
      long size = 1;
      for (JsonNode dimension : tensor.getValue()) {
        size *= dimension.asLong();
      }
      sizes.put(tensor.getKey(), size);
    }
    Map<String, float[]> values = new LinkedHashMap<>();
    if (store.exists(AFTER)) {
      try (SafetensorsFile file =
          SafetensorsFile.open(store.open(AFTER), AFTER, store.length(AFTER))) {
        for (TensorEntry entry : file.entries()) {
          values.put(entry.name(), floats(file, entry.name()));
        }
      }
    }
    return new Saved(sizes, values);
  }

  private static List<Tokens> trainBatches(SafetensorsFile file) throws IOException {
    if (!file.contains("train_input_ids")) {
      return List.of();
    }
    List<Long> shape = file.entry("train_input_ids").shape();
    int rows = Math.toIntExact(shape.get(1));
    int length = Math.toIntExact(shape.get(2));
    int[] all = ints(file, "train_input_ids");
    List<Tokens> batches = new ArrayList<>();
    for (int begin = 0; begin < all.length; begin += rows * length) {
      int[] ids = java.util.Arrays.copyOfRange(all, begin, begin + rows * length);
      batches.add(new Tokens(rows, length, ids, ids));
    }
    return batches;
  }

  private static Map<String, Double> norms(JsonNode object) {
    Map<String, Double> norms = new LinkedHashMap<>();
    object
        .fields()
        .forEachRemaining(field -> norms.put(field.getKey(), field.getValue().asDouble()));
    return norms;
  }

  private static List<Double> numbers(JsonNode array) {
    List<Double> values = new ArrayList<>();
    array.forEach(value -> values.add(value.asDouble()));
    return values;
  }

  private static float[] floats(SafetensorsFile file, String name) throws IOException {
    ByteBuffer bytes = bytes(file, name, DType.F32);
    float[] values = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(values);
    return values;
  }

  private static int[] ints(SafetensorsFile file, String name) throws IOException {
    ByteBuffer bytes = bytes(file, name, DType.I64);
    int[] values = new int[bytes.remaining() / Long.BYTES];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.toIntExact(bytes.getLong());
    }
    return values;
  }

  private static ByteBuffer bytes(SafetensorsFile file, String name, DType dtype)
      throws IOException {
    TensorEntry entry = file.entry(name);
    if (entry.dtype() != dtype) {
      throw new ConfigException(
          "golden.safetensors: %s must be %s, but is %s.".formatted(name, dtype, entry.dtype()));
    }
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(entry.byteLength()));
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    file.read(name, bytes);
    return bytes.flip();
  }
}
