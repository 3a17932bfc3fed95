/** The public API: CausalLMTrainer, CausalLMModel, TextGenerator, TrainingSummary. */
package dev.penstock.spark;
