/**
 * The flags with which every Go program here is built: what is built with the same ones is compiled once. Nobody debugs these programs, and
 * without what a debugger needs the build takes a tenth less.
 */
export const GO_BUILD_FLAGS = ["-trimpath", "-gcflags=all=-dwarf=false"];

/** Leaves out the symbols and what a debugger needs of the libraries. */
export const GO_LINK_FLAGS = "-s -w";
