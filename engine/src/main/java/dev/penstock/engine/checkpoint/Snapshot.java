package dev.penstock.engine.checkpoint;

import dev.penstock.engine.safetensors.DType;
import dev.penstock.engine.safetensors.SafetensorsHeader;
import dev.penstock.engine.safetensors.SafetensorsWriter;
import dev.penstock.engine.safetensors.TensorEntry;
import dev.penstock.engine.safetensors.TensorInfo;
import dev.penstock.engine.torch.HostTensors;
import dev.penstock.storage.FileOutput;
import dev.penstock.storage.Folder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A rank's state as it was at the end of a step, in host memory that is allocated once. Taken by
 * the rank's thread and then written by another; never both at a time.
 */
final class Snapshot implements AutoCloseable {
  private static final int PIECE_BYTES = 4 << 20;

  private @Nullable Tensor buffer;
  private List<StateSlice> slices = List.of();
  private @Nullable StepTable steps;

  /** Copies the state, whose tensors may change as soon as this returns. */
  void take(List<StateSlice> state, @Nullable StepTable history) {
    long numel = state.stream().mapToLong(slice -> slice.values().numel()).sum();
    if (buffer == null || buffer.numel() < numel) {
      close();
      buffer = allocate(numel);
    }
    slices = List.copyOf(state);
    steps = history;
    long at = 0;
    try (NoGradGuard noGrad = new NoGradGuard()) {
      for (StateSlice slice : state) {
        try (PointerScope scope = new PointerScope()) {
          buffer.narrow(0, at, slice.values().numel()).copy_(slice.values());
        }
        at += slice.values().numel();
      }
    }
  }

  private static Tensor allocate(long numel) {
    try (PointerScope scope = new PointerScope();
        TensorOptions options = HostTensors.options(ScalarType.Float, "cpu")) {
      return torch.empty(new long[] {numel}, options, new MemoryFormatOptional()).retainReference();
    }
  }

  /** Writes it as one safetensors file, in pieces. */
  StoredFile write(Folder folder, String path, String name, BooleanSupplier givenUp)
      throws IOException {
    List<TensorInfo> tensors = new ArrayList<>();
    if (steps != null) {
      tensors.add(info(StepTable.KIND, DType.F64, steps.slice()));
    }
    slices.forEach(slice -> tensors.add(info(slice.kind(), DType.F32, slice.slice())));
    try (FileOutput out = folder.create(path)) {
      ChecksumOutput checked = new ChecksumOutput(out, givenUp);
      SafetensorsWriter writer = new SafetensorsWriter(checked, path, tensors, Map.of());
      if (steps != null) {
        writer.write(tensors.get(0).name(), steps.toBytes());
      }
      writeSlices(writer, tensors.subList(steps == null ? 0 : 1, tensors.size()));
      writer.finish();
      out.commit();
      return checked.describe(name, places(tensors));
    }
  }

  private void writeSlices(SafetensorsWriter writer, List<TensorInfo> tensors) throws IOException {
    if (buffer == null) {
      return;
    }
    long at = 0;
    try (BytePointer start = new BytePointer(buffer.data_ptr())) {
      for (TensorInfo tensor : tensors) {
        long end = at + tensor.byteLength();
        while (at < end) {
          long count = Math.min(PIECE_BYTES, end - at);
          try (BytePointer piece = new BytePointer(start)) {
            writer.write(tensor.name(), piece.position(at).limit(at + count).asByteBuffer());
          }
          at += count;
        }
      }
    }
  }

  private List<StoredSlice> places(List<TensorInfo> tensors) {
    SafetensorsHeader header = SafetensorsHeader.layOut(tensors, Map.of());
    List<StoredSlice> places = new ArrayList<>();
    int first = steps == null ? 0 : 1;
    for (int i = 0; i < tensors.size(); i++) {
      TensorEntry entry = header.entries().get(i);
      long position = header.dataStart() + entry.begin();
      if (i < first) {
        places.add(new StoredSlice(StepTable.KIND, DType.F64, steps.slice(), position));
      } else {
        StateSlice slice = slices.get(i - first);
        places.add(new StoredSlice(slice.kind(), DType.F32, slice.slice(), position));
      }
    }
    return Collections.unmodifiableList(places);
  }

  /** Names tell slices of one tensor apart: {@code weight/lm_head.weight[128,0]}. */
  private static TensorInfo info(String kind, DType dtype, TensorSlice slice) {
    String at = slice.offsets().stream().map(String::valueOf).collect(Collectors.joining(","));
    return new TensorInfo("%s/%s[%s]".formatted(kind, slice.tensor(), at), dtype, slice.sizes());
  }

  @Override
  public void close() {
    if (buffer != null) {
      buffer.close();
      buffer = null;
    }
  }
}
