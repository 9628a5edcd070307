/** All settings of a reconstruction that do not depend on one item; the batch panel uses it too. */
import { Disclosure } from '../components/disclosure.tsx';
import { Switch } from '../components/switch.tsx';
import { CompareList } from './comparison-fields.tsx';
import { ownControls } from './draft.ts';
import { SampleFields } from './extent-fields.tsx';
import { type ChoiceProps, MethodChoice } from './method-choice.tsx';
import { ParameterForm } from './parameter-form.tsx';
import { PriorChoice } from './prior-choice.tsx';
import { CtSimulation, MriSimulation } from './simulation-fields.tsx';

export interface SettingsFormProps extends ChoiceProps {
  ct: boolean;
  /** Between the comparison and the advanced parameters. */
  children?: React.ReactNode;
}

export function SettingsForm({ draft, methods, change, ct, children }: SettingsFormProps) {
  const method = methods.methods.find(({ id }) => id === draft.method);
  const given = draft.parameters[draft.method] ?? {};
  const count = Object.keys(given).length;
  return (
    <>
      <MethodChoice draft={draft} methods={methods} change={change} />
      <PriorChoice draft={draft} methods={methods} change={change} ct={ct} />
      {methods.needsSimulation && (
        <Disclosure
          title="Simulated scan"
          detail={
            ct
              ? `${draft.simulateCt.angles} views over ${draft.simulateCt.arc}°`
              : `${draft.simulate.accel}×, ${draft.simulate.coils} coils`
          }
        >
          {ct ? (
            <CtSimulation draft={draft} change={change} />
          ) : (
            <MriSimulation draft={draft} change={change} masks={methods.masks} />
          )}
        </Disclosure>
      )}
      <Disclosure
        title="Comparison"
        detail={
          draft.compare.length === 0
            ? 'none'
            : `${draft.compare.length} ${draft.compare.length === 1 ? 'method' : 'methods'}`
        }
      >
        <CompareList draft={draft} methods={methods} change={change} />
        {children}
      </Disclosure>
      {method?.usesPrior === true && (
        <Disclosure title="Uncertainty" detail={draft.samples > 1 ? `${draft.samples} samples` : 'one sample'}>
          <SampleFields draft={draft} change={change} />
        </Disclosure>
      )}
      <Disclosure title="Advanced" detail={count === 0 ? 'defaults' : `${count} changed`}>
        {!ct && (
          <Switch
            label="Estimate coil maps"
            help="Even where the scan carries some."
            isSelected={draft.estimateMaps}
            onChange={(estimateMaps) => change({ estimateMaps })}
          />
        )}
        {method !== undefined && (
          <ParameterForm
            label={`Parameters of ${method.title}`}
            schema={method.parameters}
            values={given}
            leaveOut={ownControls}
            {...(method.presets.length > 0 ? { unset: 'by the preset' } : {})}
            onChange={(values) => change({ parameters: { ...draft.parameters, [draft.method]: values } })}
          />
        )}
      </Disclosure>
    </>
  );
}
