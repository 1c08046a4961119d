#!/bin/sh
# Watches whether Auto Scaling terminates this instance; then stops the application, which ends its requests first, and
# completes the lifecycle action, so that nobody waits for the hook's timeout.
# Portable: needs curl, the AWS CLI and systemd. A step that fails is tried again at the next look, for as long as the
# hook keeps the instance. https://docs.aws.amazon.com/autoscaling/ec2/userguide/retrieving-target-lifecycle-state-through-imds.html
#
# Reads: LIFECYCLE_HOOK, AWS_DEFAULT_REGION
set -u

METADATA=http://169.254.169.254/latest
EVERY_S=5

report() {
  echo "drain: $1"
}

read_metadata() {
  token=$(curl --silent --fail --max-time 5 --request PUT \
    --header 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$METADATA/api/token") &&
    curl --silent --fail --max-time 5 --header "X-aws-ec2-metadata-token: $token" "$METADATA/meta-data/$1"
}

autoscaling() {
  aws autoscaling --cli-connect-timeout 5 --cli-read-timeout 10 "$@"
}

drain() {
  instance=$(read_metadata instance-id) || return
  found=$(autoscaling describe-auto-scaling-instances --instance-ids "$instance" --output text \
    --query 'AutoScalingInstances[0].[LifecycleState, AutoScalingGroupName]') || return
  state=$(printf '%s' "$found" | cut -f 1)
  group=$(printf '%s' "$found" | cut -f 2-)
  case $state in
    # Only now has the load balancer let go of the instance, its own draining included.
    Terminating:Wait | Warmed:Terminating:Wait) ;;
    *) return 0 ;;
  esac

  report 'stopping the application'
  systemctl stop app.service || return
  report 'the application has ended'
  autoscaling complete-lifecycle-action --lifecycle-hook-name "$LIFECYCLE_HOOK" \
    --auto-scaling-group-name "$group" --instance-id "$instance" --lifecycle-action-result CONTINUE || return
  report "completed $LIFECYCLE_HOOK of $group"
}

while :; do
  # A 404, as before the first change of state, is no state either.
  case $(read_metadata autoscaling/target-lifecycle-state) in
    Terminated | Warmed:Terminated) drain || report "failed, next try in $EVERY_S seconds" ;;
  esac
  sleep "$EVERY_S"
done
