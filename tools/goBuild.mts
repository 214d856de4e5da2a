/** The flags with which every Go program here is built; with the same ones nothing is compiled twice. Nobody debugs these programs, and without what a debugger needs the build takes a tenth less. */
export const GO_BUILD_FLAGS = ["-trimpath", "-gcflags=all=-dwarf=false"];

/** What the linker is told beside: the same as the compiler. */
export const GO_LINK_FLAGS = "-s -w";
