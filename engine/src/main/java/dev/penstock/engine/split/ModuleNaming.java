package dev.penstock.engine.split;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * What the modules of a Hugging Face model are called, and which of them the stages list.
 *
 * @param includeEmbeddings whether the first stage lists {@code embed_tokens}
 * @param includeLmHead whether the last stage lists the head
 * @param includeRotaryEmb whether every stage lists {@code rotary_emb}
 * @param includeMultimodalEncoders whether the first stage lists {@link #MULTIMODAL_SUFFIXES} under
 *     the prefix
 * @param extraModuleNames further names for the first stage, taken as they are
 * @param prefix path of the decoder with its final dot: {@code model.}
 * @param lmHeadName full name of the head
 */
public record ModuleNaming(
    boolean includeEmbeddings,
    boolean includeLmHead,
    boolean includeRotaryEmb,
    boolean includeMultimodalEncoders,
    List<String> extraModuleNames,
    String prefix,
    String lmHeadName) {
  /**
   * Encoders and projectors of multimodal models; a model that lacks one is not disturbed by it.
   */
  public static final List<String> MULTIMODAL_SUFFIXES =
      List.of(
          "vision_tower",
          "visual",
          "vision_model",
          "image_encoder",
          "vision_encoder",
          "embed_vision",
          "audio_tower",
          "audio_encoder",
          "audio_model",
          "mm_projector",
          "multi_modal_projector",
          "multimodal_projector",
          "vision_projector",
          "vit_large_projector",
          "audio_projector");

  /** Under which a multimodal model may keep its text decoder, the first that exists counting. */
  public static final List<String> TEXT_MODULE_ATTRS =
      List.of("language_model", "text_model", "text_decoder");

  public ModuleNaming {
    extraModuleNames = List.copyOf(extraModuleNames);
    requireNonNull(prefix, "prefix is null");
    requireNonNull(lmHeadName, "lmHeadName is null");
  }

  /** The names of a causal language model such as LlamaForCausalLM. */
  public static ModuleNaming causalLm() {
    return new ModuleNaming(true, true, true, true, List.of(), "model.", "lm_head");
  }

  /** The same names with or without the encoders of multimodal models. */
  public ModuleNaming withMultimodalEncoders(boolean include) {
    return new ModuleNaming(
        includeEmbeddings,
        includeLmHead,
        includeRotaryEmb,
        include,
        extraModuleNames,
        prefix,
        lmHeadName);
  }

  /**
   * Reads the naming off a model, given the full names of all its modules, as the reference's
   * {@code split_model_into_stages} does.
   *
   * <p>The decoder may sit in {@code model}, in a text module of it or of the top (see {@link
   * #TEXT_MODULE_ATTRS}), and there again in {@code model}. Where it is nested, the encoders are
   * looked for beside the text module, and the head inside it unless only the top has one.
   */
  static ModuleNaming of(ModuleTree model) {
    String base = model.has("model") ? "model." : "";
    String text =
        TEXT_MODULE_ATTRS.stream().filter(name -> model.has(base + name)).findFirst().orElse("");
    String textPrefix = text.isEmpty() ? base : base + text + ".";
    String prefix = model.has(textPrefix + "model") ? textPrefix + "model." : textPrefix;
    boolean headInText = model.has(textPrefix + "lm_head");
    boolean nested = !prefix.equals(base);
    return new ModuleNaming(
        true,
        headInText || model.has("lm_head"),
        model.has(textPrefix + "rotary_emb") || model.has(prefix + "rotary_emb"),
        !nested,
        nested ? MULTIMODAL_SUFFIXES.stream().map(suffix -> base + suffix).toList() : List.of(),
        prefix,
        nested && headInText ? textPrefix + "lm_head" : "lm_head");
  }

  String layer(int index) {
    return prefix + "layers." + index;
  }
}
