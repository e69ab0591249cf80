#include "queue/engine.hpp"

#include "queue/core.hpp"

namespace kiln::queue {

Engine::Engine(
    ports::QueueStore& store,
    const ports::Clock& wall,
    const ports::SteadyClock& steady,
    EngineSettings settings
)
    : core_{std::make_unique<Core>(store, wall, steady, settings)} {}

Engine::~Engine() = default;

DefinitionPtr Engine::find(std::string_view queue) const {
    return core_->directory.find(queue);
}

NamePage Engine::list(std::string_view prefix, std::string_view after, std::size_t at_most) const {
    return core_->directory.list(prefix, after, at_most);
}

NamePage Engine::dead_letter_sources(
    std::string_view queue, std::string_view after, std::size_t at_most
) const {
    return core_->directory.dead_letter_sources(queue, after, at_most);
}

void Engine::create(
    QueueDefinition wanted, std::vector<Attribute> given, Callback<DefinitionPtr> done
) {
    core_->post(
        done,
        [core = core_.get(), wanted = std::move(wanted), given = std::move(given), done] {
            core->create(wanted, given, done);
        }
    );
}

void Engine::update(std::string queue, Change change, Callback<DefinitionPtr> done) {
    core_->post(
        done,
        [core = core_.get(), queue = std::move(queue), change = std::move(change), done] {
            core->update(queue, change, done);
        }
    );
}

void Engine::destroy(std::string queue, Callback<Done> done) {
    core_->post(done, [core = core_.get(), queue = std::move(queue), done] {
        core->destroy(queue, done);
    });
}

void Engine::purge(std::string queue, Callback<Done> done) {
    core_->post(done, [core = core_.get(), queue = std::move(queue), done] {
        core->purge(queue, done);
    });
}

void Engine::depths(std::string queue, Callback<Depths> done) {
    core_->post(done, [core = core_.get(), queue = std::move(queue), done] {
        core->depths(queue, done);
    });
}

void Engine::send(
    std::string queue, std::vector<NewMessage> messages, Callback<SendOutcomes> done
) {
    core_->post(
        done,
        [core = core_.get(), queue = std::move(queue), messages = std::move(messages), done](
        ) mutable { core->send(queue, messages, done); }
    );
}

ReceiveTicket Engine::receive(Receive receive, Callback<std::vector<Delivery>> done) {
    const auto ticket = ++core_->last_ticket;
    core_->post(done, [core = core_.get(), ticket, receive = std::move(receive), done]() mutable {
        core->receive(ticket, receive, done);
    });
    return {ticket};
}

void Engine::cancel(ReceiveTicket ticket) {
    // Never refused: the receiver is there already, and this is what makes it go.
    core_->inbox.post(
        [core = core_.get(), number = ticket.number] { core->cancel(number); }, SIZE_MAX
    );
}

void Engine::change_visibility(
    std::string queue,
    std::vector<VisibilityChange> changes,
    DeliveryMatch match,
    Callback<std::vector<Outcome<Done>>> done
) {
    core_->post(
        done,
        [core = core_.get(), queue = std::move(queue), changes = std::move(changes), match, done] {
            core->change_visibility(queue, changes, match, done);
        }
    );
}

void Engine::remove(
    std::string queue, std::vector<std::string> receipts, Callback<std::vector<Outcome<Done>>> done
) {
    core_->post(
        done,
        [core = core_.get(), queue = std::move(queue), receipts = std::move(receipts), done] {
            core->remove(queue, receipts, done);
        }
    );
}

void Engine::start_move(
    std::string source,
    std::optional<std::string> destination,
    std::optional<std::int64_t> per_second,
    Callback<std::string> done
) {
    core_->post(
        done,
        [core = core_.get(),
         source = std::move(source),
         destination = std::move(destination),
         per_second,
         done] { core->start_move(source, destination, per_second, done); }
    );
}

void Engine::list_moves(
    std::string source, std::size_t at_most, Callback<std::vector<MoveTask>> done
) {
    core_->post(done, [core = core_.get(), source = std::move(source), at_most, done] {
        core->list_moves(source, at_most, done);
    });
}

void Engine::cancel_move(std::string source, std::string task, Callback<std::int64_t> done) {
    core_->post(
        done,
        [core = core_.get(), source = std::move(source), task = std::move(task), done] {
            core->cancel_move(source, task, done);
        }
    );
}

void Engine::release_waiting() {
    core_->inbox.post([core = core_.get()] { core->release_waiting(); }, SIZE_MAX);
}

void Engine::wake() {
    core_->inbox.wake();
}

}  // namespace kiln::queue
