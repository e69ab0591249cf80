#pragma once

#include "worker/bakery.hpp"

#include <cstddef>
#include <stop_token>
#include <string>

namespace kiln::worker {

/// Puts a request among the dead letters, with attributes that say which bake it was and why. It no
/// longer names its bake: when it is driven back to where it came from it is a new one.
/// @throws Error  not_found: there is no such queue · what MessageQueue::send throws
void send_dead_letter(
    ports::MessageQueue& queue,
    const std::string& dead_letters,
    const ports::ReceivedMessage& message,
    const BakeId& bake,
    const std::string& why
);

/// Looks once through the dead letters of a bakery for requests that their queue moved there by
/// itself, because consumers died over them before they could reply: those are told ERROR and END,
/// and marked as told. One whose bake came to an end after all is removed.
/// @returns  how many were dealt with
/// @throws Error  what the queue throws; not_found: there is no such queue
std::size_t report_dead_letters(Bakery& bakery, const std::stop_token& stop);

/// Ends the bakes that still wait although their deadline is long over: their message was lost, or
/// will be refused as late. @returns  how many
std::size_t expire_waiting(Bakery& bakery);

}  // namespace kiln::worker
