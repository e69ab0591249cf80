#pragma once

#include "api/sqs/context.hpp"
#include "api/sqs/message_shapes.hpp"
#include "api/sqs/queue_shapes.hpp"

/// The operations: each checks what it was given, asks the engine, and answers now or in the
/// engine's callback. None waits.
namespace kiln::api::sqs {

// operations/queues.cpp
void create_queue(const Context& context, CreateQueue request, ReplyPtr reply);
void delete_queue(const Context& context, DeleteQueue request, ReplyPtr reply);
void get_queue_url(const Context& context, GetQueueUrl request, ReplyPtr reply);
void list_queues(const Context& context, ListQueues request, ReplyPtr reply);
void list_dead_letter_source_queues(
    const Context& context, ListDeadLetterSourceQueues request, ReplyPtr reply
);
void purge_queue(const Context& context, PurgeQueue request, ReplyPtr reply);

// operations/attributes.cpp
void get_queue_attributes(const Context& context, GetQueueAttributes request, ReplyPtr reply);
void set_queue_attributes(const Context& context, SetQueueAttributes request, ReplyPtr reply);
void add_permission(const Context& context, AddPermission request, ReplyPtr reply);
void remove_permission(const Context& context, RemovePermission request, ReplyPtr reply);

// operations/tags.cpp
void list_queue_tags(const Context& context, ListQueueTags request, ReplyPtr reply);
void tag_queue(const Context& context, TagQueue request, ReplyPtr reply);
void untag_queue(const Context& context, UntagQueue request, ReplyPtr reply);

// operations/send.cpp
void send_message(const Context& context, SendMessage request, ReplyPtr reply);
void send_message_batch(const Context& context, SendMessageBatch request, ReplyPtr reply);

// operations/receive.cpp
void receive_message(const Context& context, ReceiveMessage request, ReplyPtr reply);

// operations/receipts.cpp
void delete_message(const Context& context, DeleteMessage request, ReplyPtr reply);
void delete_message_batch(const Context& context, DeleteMessageBatch request, ReplyPtr reply);
void change_message_visibility(
    const Context& context, ChangeMessageVisibility request, ReplyPtr reply
);
void change_message_visibility_batch(
    const Context& context, ChangeMessageVisibilityBatch request, ReplyPtr reply
);

// operations/move_tasks.cpp
void start_message_move_task(const Context& context, StartMessageMoveTask request, ReplyPtr reply);
void list_message_move_tasks(const Context& context, ListMessageMoveTasks request, ReplyPtr reply);
void cancel_message_move_task(
    const Context& context, CancelMessageMoveTask request, ReplyPtr reply
);

}  // namespace kiln::api::sqs
