#pragma once

#include "api/sqs/message_shapes.hpp"
#include "api/sqs/queue_shapes.hpp"

namespace kiln::fuzz {

/// Calls `use.template operator()<Shape>()` with the shape that a number stands for.
template <class Use>
void with_shape(std::size_t number, const Use& use) {
    using namespace api::sqs;
    const auto among = [&]<class... Shapes>() {
        std::size_t index = 0;
        (void
        )((index++ == number % sizeof...(Shapes) ? (use.template operator()<Shapes>(), true) : false
          ) ||
          ...);
    };
    among.template operator(
    )<SendMessage,
      SendMessageBatch,
      ReceiveMessage,
      DeleteMessage,
      DeleteMessageBatch,
      ChangeMessageVisibility,
      ChangeMessageVisibilityBatch,
      CreateQueue,
      DeleteQueue,
      GetQueueUrl,
      ListQueues,
      ListDeadLetterSourceQueues,
      GetQueueAttributes,
      SetQueueAttributes,
      TagQueue,
      UntagQueue,
      AddPermission,
      RemovePermission,
      StartMessageMoveTask,
      ListMessageMoveTasks,
      CancelMessageMoveTask>();
}

}  // namespace kiln::fuzz
