package dev.penstock.spark;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.inference.GenerationConfig.Sampling;
import dev.penstock.engine.model.family.GenerationDefaults;
import dev.penstock.spark.score.Continuation;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How {@link CausalLMModel#generate(String, GenerationOptions)} continues a prompt. What is null is
 * what the model's {@code generation_config.json} says, and without it transformers' default.
 *
 * <pre>{@code
 * model.generate("In the beginning",
 *     GenerationOptions.ofModel().withMaxNewTokens(40).withDoSample(true).withTopP(0.9));
 * }</pre>
 *
 * @param maxNewTokens tokens to add at most; 20 by default
 * @param doSample whether tokens are drawn; else each is the likeliest
 * @param temperature how freely tokens are drawn
 * @param topK tokens are drawn among so many likeliest, 0: among all; 50 by default
 * @param topP tokens are drawn among the likeliest that together reach this probability
 * @param repetitionPenalty above 1: tokens that prompt or text already have become less likely
 * @param seed of the drawing
 */
public record GenerationOptions(
    @Nullable Integer maxNewTokens,
    @Nullable Boolean doSample,
    @Nullable Double temperature,
    @Nullable Integer topK,
    @Nullable Double topP,
    @Nullable Double repetitionPenalty,
    long seed) {
  /** Checks what does not depend on a model. */
  public GenerationOptions {
    Sampling any = new Sampling(1, 0, 1, seed);
    new Continuation(
        maxNewTokens,
        null,
        null,
        repetitionPenalty == null ? 1 : repetitionPenalty,
        new Sampling(
            temperature == null ? any.temperature() : temperature,
            topK == null ? any.topK() : topK,
            topP == null ? any.topP() : topP,
            seed));
    if (Boolean.FALSE.equals(doSample)) {
      refuseSampling("doSample is false");
    }
  }

  /** All as the model's files say. */
  public static GenerationOptions ofModel() {
    return new GenerationOptions(null, null, null, null, null, null, 0);
  }

  /** These options with another limit. */
  public GenerationOptions withMaxNewTokens(int value) {
    return new GenerationOptions(value, doSample, temperature, topK, topP, repetitionPenalty, seed);
  }

  /** These options, drawing or not. */
  public GenerationOptions withDoSample(boolean value) {
    return new GenerationOptions(
        maxNewTokens, value, temperature, topK, topP, repetitionPenalty, seed);
  }

  /** These options with another temperature. */
  public GenerationOptions withTemperature(double value) {
    return new GenerationOptions(
        maxNewTokens, doSample, value, topK, topP, repetitionPenalty, seed);
  }

  /** These options with another number of likeliest tokens to draw among. */
  public GenerationOptions withTopK(int value) {
    return new GenerationOptions(
        maxNewTokens, doSample, temperature, value, topP, repetitionPenalty, seed);
  }

  /** These options with another probability of the tokens to draw among. */
  public GenerationOptions withTopP(double value) {
    return new GenerationOptions(
        maxNewTokens, doSample, temperature, topK, value, repetitionPenalty, seed);
  }

  /** These options with another penalty of repetitions. */
  public GenerationOptions withRepetitionPenalty(double value) {
    return new GenerationOptions(maxNewTokens, doSample, temperature, topK, topP, value, seed);
  }

  /** These options with another seed. */
  public GenerationOptions withSeed(long value) {
    return new GenerationOptions(
        maxNewTokens, doSample, temperature, topK, topP, repetitionPenalty, value);
  }

  /** What they come to for a model. */
  Continuation of(GenerationDefaults model) {
    boolean sample = doSample == null ? model.doSample() : doSample;
    if (!sample) {
      refuseSampling("the model's generation_config.json does not ask for doSample");
    }
    double heat = Optional.ofNullable(temperature).orElse(model.temperature());
    return new Continuation(
        maxNewTokens == null ? model.maxNewTokens() : maxNewTokens,
        maxNewTokens == null ? model.maxLength() : null,
        model.endTokenIds(),
        Optional.ofNullable(repetitionPenalty).orElse(model.repetitionPenalty()),
        sample && heat > 0
            ? new Sampling(
                heat,
                Optional.ofNullable(topK).orElse(model.topK()),
                Optional.ofNullable(topP).orElse(model.topP()),
                seed)
            : null);
  }

  private void refuseSampling(String reason) {
    String option = temperature != null ? "temperature" : topK != null ? "topK" : "topP";
    if (temperature != null || topK != null || topP != null) {
      throw new ConfigException(
          "%s changes nothing where no tokens are drawn, and %s. Set doSample to true, or leave %s out."
              .formatted(option, reason, option));
    }
  }
}
