package dev.penstock.engine.model.family;

import static java.util.Map.entry;

import java.util.Map;

/**
 * What a number of a config may be. All domains are here, by key, so that none is forgotten; they
 * hold what models may have by many times, and what a float32 and an int can compute with.
 *
 * @param least the smallest value
 * @param most the largest value
 */
record NumberDomain(double least, double most) {
  private static final double LARGE = 1e18;

  /** Numbers that some key holds of which nothing is known here. */
  private static final NumberDomain FINITE = new NumberDomain(-LARGE, LARGE);

  private static final NumberDomain POSITIVE = new NumberDomain(1 / LARGE, LARGE);
  private static final NumberDomain NOT_NEGATIVE = new NumberDomain(0, LARGE);
  private static final NumberDomain FRACTION = new NumberDomain(1 / LARGE, 1);

  /** Less than all. */
  private static final NumberDomain SHARE = new NumberDomain(0, Math.nextDown(1.0));

  private static final NumberDomain COUNT = wholeUpTo(Integer.MAX_VALUE);

  private static final Map<String, NumberDomain> BY_KEY =
      Map.ofEntries(
          entry("vocab_size", wholeUpTo(1 << 27)),
          entry("hidden_size", wholeUpTo(1 << 20)),
          entry("intermediate_size", wholeUpTo(1 << 24)),
          entry("moe_intermediate_size", wholeUpTo(1 << 24)),
          entry("num_hidden_layers", wholeUpTo(10_000)),
          entry("num_attention_heads", wholeUpTo(1 << 16)),
          entry("num_key_value_heads", wholeUpTo(1 << 16)),
          entry("head_dim", wholeUpTo(1 << 16)),
          entry("num_local_experts", wholeUpTo(1 << 14)),
          entry("num_experts", wholeUpTo(1 << 14)),
          entry("num_experts_per_tok", wholeUpTo(1 << 14)),
          entry("rms_norm_eps", new NumberDomain(0, 1)),
          entry("initializer_range", NOT_NEGATIVE),
          entry("attention_dropout", SHARE),
          entry("resid_pdrop", SHARE),
          entry("embd_pdrop", SHARE),
          entry("attn_logit_softcapping", POSITIVE),
          entry("final_logit_softcapping", POSITIVE),
          entry("query_pre_attn_scalar", POSITIVE),
          entry("attention_multiplier", POSITIVE),
          entry("embedding_multiplier", POSITIVE),
          entry("residual_multiplier", POSITIVE),
          entry("logits_scaling", POSITIVE),
          entry("rope_theta", POSITIVE),
          entry("rope_local_base_freq", POSITIVE),
          entry("partial_rotary_factor", FRACTION),
          entry("factor", POSITIVE),
          entry("short_factor", POSITIVE),
          entry("long_factor", POSITIVE),
          entry("low_freq_factor", POSITIVE),
          entry("high_freq_factor", POSITIVE),
          entry("attention_factor", POSITIVE),
          entry("beta_fast", POSITIVE),
          entry("beta_slow", POSITIVE),
          entry("mscale", NOT_NEGATIVE),
          entry("mscale_all_dim", NOT_NEGATIVE),
          entry("no_rope_layers", new NumberDomain(0, 1)),
          entry("mlp_only_layers", new NumberDomain(0, 10_000)));

  private static NumberDomain wholeUpTo(int most) {
    return new NumberDomain(1, most);
  }

  /** The domain of a number. */
  static NumberDomain of(String key) {
    return BY_KEY.getOrDefault(key, FINITE);
  }

  /** The domain of a whole number that counts something. */
  static NumberDomain ofCount(String key) {
    return BY_KEY.getOrDefault(key, COUNT);
  }

  /** False for NaN too. */
  boolean contains(double value) {
    return value >= least && value <= most;
  }

  @Override
  public String toString() {
    return "from %s to %s".formatted(number(least), number(most));
  }

  private static String number(double value) {
    return value == (int) value ? Integer.toString((int) value) : Double.toString(value);
  }
}
