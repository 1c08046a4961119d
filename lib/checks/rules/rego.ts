import { NETWORK_PRELUDE } from './network-rules';
import type { Check, Rule } from './rule';

/** Package of all rules. */
export const PACKAGE = 'cdk_elasticache';

/**
 * What the rules share. CDK's validator hands properties over with markers in the place of intrinsics: `__ref` for a
 * resource of the template, `__conditional` for `Fn::If`, `__dynamic` for what only a deploy knows.
 */
const PRELUDE = `package ${PACKAGE}

import rego.v1

# What a property is; null where it is absent.
prop(name, path) := object.get(input.resources[name].properties, path, null)

# What a value may be: both sides of a condition, down to the third.
options(value) := {third |
	some first in sides(value)
	some second in sides(first)
	some third in sides(second)
}

sides(value) := {value.__if_true, value.__if_false} if {
	is_object(value)
	object.get(value, "__conditional", null) != null
} else := {value}

elements(value) := value if is_array(value)

else := [] if value == null

else := [value]

marker(value) := object.get(value, "__dynamic", "") if is_object(value)

is_true(value) if value in {true, "true"}

is_false(value) if value in {false, "false"}

number(value) := to_number(value) if {
	not is_boolean(value)
	value != null
}

at_least(value, least) if number(value) >= least

# A parameter without a default, of a type that takes any text.
is_unknown(value) if {
	startswith(marker(value), "parameter ")
	not typed(value)
}

typed(value) if contains(object.get(value, "__param_type", ""), "AWS::")

# Names something: a text other than "default", a resource, or what another stack or a typed parameter gives.
given(value) if {
	is_string(value)
	not value in {"", "default"}
}

given(value) if {
	is_object(value)
	not is_unknown(value)
}

listed(value) if {
	is_array(value)
	count(value) > 0
	every element in value {
		every option in options(element) {
			given(option)
		}
	}
}

listed(value) if {
	is_object(value)
	not is_unknown(value)
}

several(value) if {
	listed(value)
	is_array(value)
	count(value) > 1
}

# Lists that cross stacks are joined there and split here.
several(value) if {
	listed(value)
	is_object(value)
}

# A reference to a secret that CloudFormation resolves, or a parameter that it does not show.
is_hidden(value) if contains(marker(value), "{{resolve:secretsmanager:")

is_hidden(value) if contains(marker(value), "{{resolve:ssm-secure:")

is_hidden(value) if {
	some id, definition in input.parameters
	definition.noEcho == true
	marker(value) == sprintf("parameter %s value unknown", [id])
}

# The same, put together from the secret's ARN: the validator notes where such a text begins.
is_hidden_at(name, path, value) if {
	startswith(marker(value), "Join:{dynamic}")
	some place in input.resources[name].secretsmanagerRefPaths
	startswith(place, path)
	endswith(place, ".Fn::Join.1.0")
}

engine(name) := lower(value) if {
	value := prop(name, ["Engine"])
	is_string(value)
} else := "unknown"

is_sharded(name) if {
	some property in ["NumNodeGroups", "ReplicasPerNodeGroup", "NodeGroupConfiguration"]
	prop(name, [property]) != null
}

# Replicas of each shard; null where the template does not say.
replicas(name) := least if {
	is_sharded(name)
	counts := [own | some shard in elements(prop(name, ["NodeGroupConfiguration"])); own := object.get(shard, "ReplicaCount", null)]
	count(counts) > 0
	not null in counts
	least := min([number(own) | some own in counts])
} else := prop(name, ["ReplicasPerNodeGroup"]) if is_sharded(name)

else := nodes - 1 if nodes := number(prop(name, ["NumCacheClusters"]))

else := prop(name, ["NumCacheClusters"])

attribute(name, property, key) := object.get({pair.Key: pair.Value | some pair in elements(prop(name, [property]))}, key, null)

setting(name, property, key) := object.get(object.get(input.resources[name].properties, property, {}), key, null)

policies(name) := {input.resources[name].deletionPolicy, input.resources[name].updateReplacePolicy}

log_types(name) := {type | some log in elements(prop(name, ["LogDeliveryConfigurations"])); type := log.LogType}

is_watched(name) if {
	some alarm in resources_of_type("AWS::CloudWatch::Alarm")
	some outgoing in input.resources[alarm].outgoingRefs
	outgoing.target == name
}

is_off(name) if startswith(prop(name, ["AccessString"]), "off")

is_replica(name) if prop(name, ["SourceDBInstanceIdentifier"]) != null

# Of a cluster, which has the storage and the backups.
is_member(name) if prop(name, ["DBClusterIdentifier"]) != null

is_open(rule) if endswith(object.get(rule, "CidrIp", ""), "/0")

is_open(rule) if regex.match("^[0:]+/0$", object.get(rule, "CidrIpv6", ""))

is_open(rule) if is_unknown(object.get(rule, "CidrIp", null))

has_port(rule, port) if sprintf("%v", [rule.IpProtocol]) == "-1"

has_port(rule, port) if {
	number(rule.FromPort) <= port
	number(rule.ToPort) >= port
}

has_port(rule, port) if is_object(object.get(rule, "FromPort", null))

state(value) := "is not set" if value == null

else := "is known to a deploy only" if is_object(value)

else := "is empty" if value in ["", []]

else := "is not what it must be" if is_array(value)

else := sprintf("is %v", [value])
`;

/** Levels of the validator. It shows nothing below a warning. */
const LEVELS = { error: 'ERROR', warning: 'WARN', informational: 'WARN' } as const;

/** Rules as a Rego module for CDK's validator, which also judges templates that CDK did not write. */
export function moduleOf(rules: readonly Rule[]): string {
  let count = 0;
  const bodies = rules.flatMap((rule) =>
    rule.checks.map((check) => {
      count += 1;
      return bodyOf(rule, check, `holds_${count}`);
    }),
  );
  return [PRELUDE, NETWORK_PRELUDE, ...bodies].join('\n');
}

function bodyOf({ id, severity, must, fix, page }: Rule, check: Check, holds: string): string {
  const { types, where = [], property, each = false, wrong } = check;
  const path = property === '' ? [] : property.split('.');
  const value = check.value ?? (path.length === 0 ? 'input.resources[name].properties' : `prop(name, ${quoted(path)})`);
  const label = quoted(check.label ?? property);
  const state = wrong === undefined ? 'state(option)' : quoted(wrong);
  const location = quoted(['Properties', ...path].join('.'));
  return `# ${must}
violation contains make_diag_full(${quoted(id)}, ${quoted(LEVELS[severity])}, name, ${location}, concat(" ", [${label}, ${state}]), ${quoted(fix)}, ${quoted(page)}) if {
	some type in ${quoted(types)}
	some name in resources_of_type(type)
${where.map((line) => `\t${line}\n`).join('')}	value := ${value}
	some part in ${each ? 'elements(value)' : '[value]'}
	some option in options(part)
	not ${holds}(option, name)
}
${check.holds.map((body) => `\n${holds}(value, name) if {\n\t${body}\n}\n`).join('')}`;
}

function quoted(value: unknown): string {
  return JSON.stringify(value);
}
