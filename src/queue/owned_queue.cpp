#include "queue/owned_queue.hpp"

#include "queue/fifo_queue.hpp"
#include "queue/standard_queue.hpp"

namespace kiln::queue {

std::unique_ptr<MessageIndex> make_index(const QueueDefinition& definition) {
    if (definition.fifo) {
        return std::make_unique<FifoQueue>();
    }
    return std::make_unique<StandardQueue>();
}

OwnedQueue::OwnedQueue(ports::QueueRow stored, DefinitionPtr defined)
    : row{std::move(stored)},
      definition{std::move(defined)},
      name{std::make_shared<const std::string>(definition->name)},
      index{make_index(*definition)},
      receipts{row.secret},
      last{row.reserved} {}

}  // namespace kiln::queue
