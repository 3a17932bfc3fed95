/** The public API: CausalLMTrainer, CausalLMModel, TrainingSummary. */
package dev.penstock.spark;
