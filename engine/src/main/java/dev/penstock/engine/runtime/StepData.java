package dev.penstock.engine.runtime;

import dev.penstock.engine.model.DocumentLayout;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The microbatches of one pipeline step on one rank. The tensors stay the caller's.
 *
 * @param shapes shape of each microbatch's input, known on every rank
 * @param inputs one tensor a microbatch on the rank of the first stage, elsewhere empty
 * @param targets one tensor a microbatch on the rank of the last stage, elsewhere empty
 * @param documents the documents of each microbatch on every rank; empty: rows are not cut up
 */
public record StepData(
    List<List<Long>> shapes,
    List<Tensor> inputs,
    List<Tensor> targets,
    List<DocumentLayout> documents) {
  /** Nothing. */
  static final StepData NONE = new StepData(List.of(), List.of(), List.of());

  public StepData {
    shapes = List.copyOf(shapes);
    inputs = List.copyOf(inputs);
    targets = List.copyOf(targets);
    documents = List.copyOf(documents);
  }

  /** Microbatches whose rows are not cut up. */
  public StepData(List<List<Long>> shapes, List<Tensor> inputs, List<Tensor> targets) {
    this(shapes, inputs, targets, List.of());
  }

  /** The same microbatches, their rows cut up into documents. */
  public StepData withDocuments(List<DocumentLayout> newDocuments) {
    return new StepData(shapes, inputs, targets, newDocuments);
  }

  /** The documents of a microbatch; null: its rows are not cut up. */
  @Nullable DocumentLayout documentsOf(int microbatch) {
    return documents.isEmpty() ? null : documents.get(microbatch);
  }
}
