#include "queue/attributes.hpp"

#include "base/json.hpp"
#include "queue/attribute_names.hpp"
#include "queue/redrive.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

namespace kiln::queue {

namespace {

// Ranges: AWS' reference of SetQueueAttributes; 1 MiB since August 2025.
constexpr std::size_t kLongestPolicy = 8192;
constexpr std::size_t kLongestKey = 2048;

Refusal bad_value(std::string_view name, std::string_view reason) {
    return {
        RefusalCode::invalid_attribute_value,
        fmt::format("Invalid value for the parameter {}. Reason: {}", name, reason)};
}

/// Reads values for one queue, one after the other; the first that is wrong is kept in `refusal`.
class AttributeSetter {
  public:
    AttributeSetter(const Place& place, QueueDefinition& definition)
        : place_{place}, definition_{definition} {}

    std::optional<Refusal> set(Attribute attribute, const std::string& value) {
        attribute_ = attribute;
        refusal_.reset();
        set_value(value);
        return std::move(refusal_);
    }

  private:
    void set_value(const std::string& value) {
        switch (attribute_) {
            case Attribute::delay_seconds:
                return set_seconds(value, 0, 900, definition_.delay);
            case Attribute::maximum_message_size:
                if (const auto bytes = integer(value, 1024, 1'048'576)) {
                    definition_.maximum_message_bytes = *bytes;
                }
                return;
            case Attribute::message_retention_period:
                return set_seconds(value, 60, 1'209'600, definition_.retention);
            case Attribute::receive_message_wait_time_seconds:
                return set_seconds(value, 0, 20, definition_.receive_wait);
            case Attribute::visibility_timeout:
                return set_seconds(value, 0, 43'200, definition_.visibility);
            case Attribute::policy:
                return set_policy(value);
            case Attribute::redrive_policy:
                return set_parsed(value, definition_.redrive, parse_redrive_policy);
            case Attribute::redrive_allow_policy:
                return set_parsed(value, definition_.redrive_allow, parse_redrive_allow_policy);
            case Attribute::kms_master_key_id:
            case Attribute::kms_data_key_reuse_period_seconds:
            case Attribute::sqs_managed_sse_enabled:
                return set_encryption(value);
            case Attribute::fifo_queue:
            case Attribute::content_based_deduplication:
            case Attribute::deduplication_scope:
            case Attribute::fifo_throughput_limit:
                return set_fifo(value);
        }
    }

    std::string_view name() const noexcept { return to_string(attribute_); }

    void refuse(std::string_view reason) { refusal_ = bad_value(name(), reason); }

    std::optional<std::int64_t> integer(
        const std::string& text, std::int64_t low, std::int64_t high
    ) {
        std::int64_t number = 0;
        const char* const last = text.data() + text.size();
        const auto [end, error] = std::from_chars(text.data(), last, number);
        if (error != std::errc{} || end != last || number < low || number > high) {
            refuse(fmt::format("Must be an integer from {} to {}.", low, high));
            return std::nullopt;
        }
        return number;
    }

    void set_seconds(
        const std::string& text, std::int64_t low, std::int64_t high, std::chrono::seconds& seconds
    ) {
        if (const auto number = integer(text, low, high)) {
            seconds = std::chrono::seconds{*number};
        }
    }

    /// SDKs write "true", Python's str() "True".
    void set_boolean(const std::string& text, bool& flag) {
        if (text == "true" || text == "True" || text == "TRUE") {
            flag = true;
        } else if (text == "false" || text == "False" || text == "FALSE") {
            flag = false;
        } else {
            refuse("Must be true or false.");
        }
    }

    template <class Enum>
    void set_word(
        const std::string& text,
        std::pair<std::string_view, Enum> one,
        std::pair<std::string_view, Enum> other,
        Enum& value
    ) {
        if (text != one.first && text != other.first) {
            return refuse(fmt::format("Must be {} or {}.", one.first, other.first));
        }
        value = text == one.first ? one.second : other.second;
    }

    template <class Policy, class Parse>
    void set_parsed(const std::string& text, std::optional<Policy>& policy, const Parse& parse) {
        if (text.empty()) {
            policy.reset();
            return;
        }
        auto parsed = parse(place_, text);
        if (auto* const refusal = std::get_if<Refusal>(&parsed)) {
            refusal_ = std::move(*refusal);
        } else {
            policy = std::move(std::get<Policy>(parsed));
        }
    }

    void set_policy(const std::string& text) {
        if (text.empty()) {
            definition_.policy.reset();
            return;
        }
        try {
            if (!parse_json(text, kLongestPolicy).is_object()) {
                return refuse("Must be a JSON object.");
            }
        } catch (const Error& error) {
            return refuse(
                fmt::format("Must be JSON of up to {} bytes: {}.", kLongestPolicy, error.message())
            );
        }
        definition_.policy = text;
    }

    void set_encryption(const std::string& value) {
        if (attribute_ == Attribute::sqs_managed_sse_enabled) {
            return set_boolean(value, definition_.sqs_managed_sse);
        }
        if (attribute_ == Attribute::kms_data_key_reuse_period_seconds) {
            std::chrono::seconds reuse{};
            set_seconds(value, 60, 86'400, reuse);
            definition_.kms_reuse = reuse;
            return;
        }
        const bool printable =
            std::all_of(value.begin(), value.end(), [](char c) { return c > 0x20 && c < 0x7f; });
        if (value.size() > kLongestKey || !printable) {
            return refuse(fmt::format("Must be up to {} printable characters.", kLongestKey));
        }
        definition_.kms_key = value.empty() ? std::nullopt : std::optional{value};
    }

    void set_fifo(const std::string& value) {
        if (attribute_ == Attribute::fifo_queue) {
            bool fifo = false;
            set_boolean(value, fifo);
            if (!refusal_ && !definition_.fifo) {
                refusal_ = unknown_attribute(name());
            } else if (!refusal_ && !fifo) {
                refuse("Modifying queue type is not supported.");
            }
            return;
        }
        if (!definition_.fifo) {
            refusal_ = fifo_only();
            return;
        }
        auto& fifo = *definition_.fifo;
        if (attribute_ == Attribute::content_based_deduplication) {
            set_boolean(value, fifo.content_deduplication);
        } else if (attribute_ == Attribute::deduplication_scope) {
            using enum DeduplicationScope;
            set_word<DeduplicationScope>(
                value, {"queue", queue}, {"messageGroup", message_group}, fifo.scope
            );
        } else {
            using enum ThroughputLimit;
            set_word<ThroughputLimit>(
                value,
                {"perQueue", per_queue},
                {"perMessageGroupId", per_message_group_id},
                fifo.limit
            );
        }
    }

    Refusal fifo_only() const {
        if (attribute_ == Attribute::content_based_deduplication) {
            return unknown_attribute(name());
        }
        return {
            RefusalCode::invalid_attribute_name,
            fmt::format("You can specify the {} only when FifoQueue is set to true.", name())};
    }

    const Place& place_;
    QueueDefinition& definition_;
    Attribute attribute_ = Attribute::delay_seconds;
    std::optional<Refusal> refusal_;
};

bool is_true(const AttributeValues& attributes, std::string_view name) {
    const auto found = attributes.find(name);
    return found != attributes.end() &&
           (found->second == "true" || found->second == "True" || found->second == "TRUE");
}

/// A key of its own and the service's exclude one another: the one that is set ends the other.
std::optional<Refusal> settle_encryption(
    QueueDefinition& definition, const AttributeValues& attributes
) {
    const auto key = attributes.find(to_string(Attribute::kms_master_key_id));
    const bool sets_key = key != attributes.end() && !key->second.empty();
    const bool sets_managed = is_true(attributes, to_string(Attribute::sqs_managed_sse_enabled));
    if (sets_key && sets_managed) {
        return Refusal{
            RefusalCode::invalid_attribute_name,
            "You can use one type of server-side encryption (SSE) at one time. You can either "
            "enable KMS SSE or SQS SSE."};
    }
    if (sets_key) {
        definition.sqs_managed_sse = false;
    }
    if (sets_managed) {
        definition.kms_key.reset();
    }
    if (!definition.kms_key) {
        definition.kms_reuse.reset();
    }
    return std::nullopt;
}

std::optional<Refusal> set_all(
    const Place& place,
    QueueDefinition& definition,
    const AttributeValues& attributes,
    std::vector<Attribute>& given
) {
    AttributeSetter setter{place, definition};
    for (const auto& [name, value] : attributes) {
        const auto attribute = attribute_of(name);
        if (!attribute) {
            return unknown_attribute(name);
        }
        if (auto refusal = setter.set(*attribute, value)) {
            return refusal;
        }
        given.push_back(*attribute);
    }
    if (definition.fifo && definition.fifo->limit == ThroughputLimit::per_message_group_id &&
        definition.fifo->scope != DeduplicationScope::message_group) {
        return bad_value(
            to_string(Attribute::fifo_throughput_limit),
            "perMessageGroupId is allowed only when DeduplicationScope is messageGroup."
        );
    }
    return settle_encryption(definition, attributes);
}

}  // namespace

Outcome<NewQueue> define_queue(
    const Place& place, std::string_view name, const AttributeValues& attributes
) {
    NewQueue wanted;
    auto& definition = wanted.definition;
    definition.name = name;
    if (is_true(attributes, to_string(Attribute::fifo_queue))) {
        definition.fifo.emplace();
    }
    if (auto refusal = refuse_queue_name(name, definition.fifo.has_value())) {
        return std::move(*refusal);
    }
    if (auto refusal = set_all(place, definition, attributes, wanted.given)) {
        return std::move(*refusal);
    }
    if (definition.fifo) {
        definition.fifo->made_with = definition.fifo->scope;
    }
    return wanted;
}

Outcome<QueueDefinition> change_attributes(
    const Place& place, QueueDefinition definition, const AttributeValues& attributes
) {
    std::vector<Attribute> given;
    if (auto refusal = set_all(place, definition, attributes, given)) {
        return std::move(*refusal);
    }
    return definition;
}

}  // namespace kiln::queue
