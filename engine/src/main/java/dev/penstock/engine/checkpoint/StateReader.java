package dev.penstock.engine.checkpoint;

import dev.penstock.engine.safetensors.DType;
import dev.penstock.storage.FileSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Reads what a rank needs of a checkpoint, whatever layout wrote it: the bytes of its own slices,
 * each file once and front to back.
 */
final class StateReader {
  private record Key(String kind, String tensor) {}

  private record Part(StoredSlice stored, StateSlice wanted) {}

  private final FileSource folder;
  private final String path;
  private final CheckpointManifest manifest;

  /**
   * @param path of the checkpoint in the folder, with a slash at its end
   */
  StateReader(FileSource folder, String path, CheckpointManifest manifest) {
    this.folder = folder;
    this.path = path;
    this.manifest = manifest;
  }

  /**
   * Fills the tensors of the slices.
   *
   * @throws CheckpointException if bytes are damaged, or a slice is not there as it is wanted; some
   *     tensors may be filled then
   */
  void read(List<StateSlice> wanted) throws IOException {
    Map<Key, List<StateSlice>> byTensor = new HashMap<>();
    Map<StateSlice, Long> missing = new IdentityHashMap<>();
    for (StateSlice slice : wanted) {
      byTensor
          .computeIfAbsent(new Key(slice.kind(), slice.slice().tensor()), key -> new ArrayList<>())
          .add(slice);
      missing.put(slice, slice.slice().numel());
    }
    for (StoredFile file : manifest.files()) {
      List<Part> parts = new ArrayList<>();
      for (StoredSlice stored : file.slices()) {
        Key key = new Key(stored.kind(), stored.slice().tensor());
        for (StateSlice slice : byTensor.getOrDefault(key, List.of())) {
          checkShape(stored, slice);
          parts.add(new Part(stored, slice));
        }
      }
      parts.sort(Comparator.comparingLong(part -> part.stored.position()));
      read(file, parts, missing);
    }
    missing.forEach(this::checkComplete);
  }

  private void checkShape(StoredSlice stored, StateSlice wanted) {
    if (!stored.slice().shape().equals(wanted.slice().shape()) || stored.dtype() != DType.F32) {
      throw new CheckpointException(
          "%s: %s of tensor %s is %s of shape %s there, but F32 of %s in this run."
              .formatted(
                  location(),
                  stored.kind(),
                  stored.slice().tensor(),
                  stored.dtype(),
                  stored.slice().shape(),
                  wanted.slice().shape()));
    }
  }

  private void checkComplete(StateSlice slice, long elements) {
    if (elements != 0) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s has no %s of tensor %s: %d of %d elements are not in it. It belongs to another run.",
              location(),
              slice.kind(),
              slice.slice().tensor(),
              elements,
              slice.slice().numel()));
    }
  }

  private String location() {
    return "Checkpoint " + folder.location() + "/" + path;
  }

  private void read(StoredFile file, List<Part> parts, Map<StateSlice, Long> missing)
      throws IOException {
    if (parts.isEmpty()) {
      return;
    }
    try (VerifiedFile open = VerifiedFile.open(folder, path + file.name(), file);
        NoGradGuard noGrad = new NoGradGuard()) {
      for (Part part : parts) {
        part.wanted
            .slice()
            .<IOException>visitCommon(
                part.stored.slice(),
                (target, source, count) -> {
                  open.read(
                      part.stored.position() + source * Float.BYTES,
                      count * Float.BYTES,
                      (from, bytes) ->
                          put(part.wanted.values(), target * Float.BYTES + from, bytes));
                  missing.merge(part.wanted, count, (left, read) -> left - read);
                });
      }
    }
  }

  /** Bytes need not begin at an element: pieces of a file know no elements. */
  private static void put(Tensor target, long at, ByteBuffer bytes) {
    if (target.is_cpu()) {
      try (BytePointer pointer = new BytePointer(target.data_ptr())) {
        pointer.position(at).limit(at + bytes.remaining()).asByteBuffer().put(bytes);
      }
      return;
    }
    try (PointerScope scope = new PointerScope()) {
      BytePointer host = new BytePointer(bytes.remaining());
      host.asByteBuffer().put(bytes.duplicate());
      Tensor piece =
          torch.from_blob(host, new long[] {bytes.remaining()}, new TensorOptions(ScalarType.Byte));
      target.view(ScalarType.Byte).narrow(0, at, bytes.remaining()).copy_(piece);
    }
  }

  /** The numbers of every step so far, if the checkpoint has them. */
  Optional<StepTable> readSteps() throws IOException {
    for (StoredFile file : manifest.files()) {
      for (StoredSlice stored : file.slices()) {
        if (stored.kind().equals(StepTable.KIND)) {
          ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(stored.end() - stored.position()));
          try (VerifiedFile open = VerifiedFile.open(folder, path + file.name(), file)) {
            open.read(stored.position(), bytes.capacity(), (from, piece) -> bytes.put(piece));
          }
          return Optional.of(StepTable.read(stored.slice(), bytes.flip()));
        }
      }
    }
    return Optional.empty();
  }

  /** Reads every byte of every file. */
  void verify() throws IOException {
    for (StoredFile file : manifest.files()) {
      try (VerifiedFile open = VerifiedFile.open(folder, path + file.name(), file)) {
        open.verify();
      }
    }
  }
}
