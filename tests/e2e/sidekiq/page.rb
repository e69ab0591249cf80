# Sidekiq's web page, asked as a browser would: a request a line on stdin, as JSON {path, form}; the answer, as
# JSON {status, body}, on stdout. A form is posted with the token that the page gave before.
require "sidekiq"
require "sidekiq/web"
require "rack"
require "rack/mock"
require "json"

Redis.silence_deprecations = true
Sidekiq.configure_client { |config| config.redis = { url: ENV.fetch("TEST_REDIS") } }
session = {}
app = Rack::MockRequest.new(Sidekiq::Web.new)
STDOUT.sync = true
STDIN.each_line do |line|
  asked = JSON.parse(line)
  options = { "rack.session" => session, "REMOTE_ADDR" => "127.0.0.1" }
  answer = app.get(asked["from"] || asked["path"], options)
  if asked["form"]
    token = answer.body[/name=['"]authenticity_token['"] value=['"]([^'"]+)['"]/, 1]
    answer = app.post(asked["path"], options.merge(params: asked["form"].merge("authenticity_token" => token)))
  end
  puts JSON.generate("status" => answer.status, "body" => answer.body.force_encoding("UTF-8"))
end
