package dev.penstock.engine.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.module_iterator;
import org.bytedeco.pytorch.module_list;

/**
 * Puts a script into evaluation mode and back. Parts that were saved in evaluation mode, such as a
 * frozen normalisation, stay in it.
 */
final class ScriptMode implements AutoCloseable {
  private static final String TRAINING = "training";

  private final List<JitModule> training = new ArrayList<>();

  ScriptMode(JitModule module) {
    try (PointerScope scope = new PointerScope()) {
      module_list parts = module.modules();
      module_iterator at = parts.begin();
      for (long i = parts.size(); i > 0; i--) {
        JitModule part = new JitModule(at.access());
        if (part.hasattr(TRAINING) && part.is_training()) {
          training.add(part.retainReference());
        }
        at.increment();
      }
    }
  }

  /** Runs the body in evaluation mode. */
  <T> T evaluating(Supplier<T> body) {
    set(false);
    try {
      return body.get();
    } finally {
      set(true);
    }
  }

  private void set(boolean on) {
    try (PointerScope scope = new PointerScope()) {
      training.forEach(part -> part.setattr(TRAINING, new IValue(on)));
    }
  }

  @Override
  public void close() {
    training.forEach(JitModule::close);
    training.clear();
  }
}
