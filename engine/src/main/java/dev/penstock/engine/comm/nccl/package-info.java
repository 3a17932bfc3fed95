/** Ranks on GPUs over NCCL: the only room that names org.bytedeco.cuda. */
package dev.penstock.engine.comm.nccl;
