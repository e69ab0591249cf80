#pragma once

#include "flow/execution.hpp"

#include <string>
#include <string_view>

/// Frames and executions as the store keeps them.
namespace kiln::flow {

/// A frame in two pieces: what changes with each state, and what is large and stays for a while
/// (a Fork's items; input and variables meanwhile). A frame without a Fork has an empty body.
/// `results` of a Fork are not in it: each stands in its child's row.
struct FrameText {
    std::string head;
    std::string body;
};

[[nodiscard]] FrameText encode_frame(const Frame& frame);
/// The pieces by themselves: a body has to be written only if the frame is in `enlarged`.
[[nodiscard]] std::string encode_head(const Frame& frame);
[[nodiscard]] std::string encode_body(const Frame& frame);
/// `group` of the result is null: see `link_frames`. @throws Error corrupt
[[nodiscard]] Frame decode_frame(std::string_view head, std::string_view body);

/// All but facts and frames.
[[nodiscard]] std::string encode_execution(const Execution& execution);
void decode_execution(std::string_view text, Execution& into);

/// Finds each frame's group in the definition, and each Fork's results in its children's rows.
/// @throws Error corrupt
void link_frames(Execution& execution);

}  // namespace kiln::flow
