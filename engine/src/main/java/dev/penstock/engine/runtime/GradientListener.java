package dev.penstock.engine.runtime;

/** Hears, on the rank's thread, how far the gradients of a step are. */
public interface GradientListener {
  /** Nothing listens. */
  GradientListener NONE =
      new GradientListener() {
        @Override
        public void onComplete(int stage) {}

        @Override
        public void onAction() {}
      };

  /** Nothing in this step adds to the gradients of a stage's parameters any more. */
  void onComplete(int stage);

  /** Called after every action: time to let what was started go on. */
  void onAction();
}
